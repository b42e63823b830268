"""Brings everything that another repository offers into this one, and says what that is.

A Mercurial extension with one command, for `hg` as the server runs it. Mercurial has no command that lists the heads and bookmarks of another repository, and its
`pull` neither forgets what is gone there nor keeps anything of a transfer that breaks off.
"""

import contextlib
import json

from mercurial import bundle2, error, exchange, hg, registrar
from mercurial.node import hex
from mercurial.utils import stringutil

cmdtable = {}
command = registrar.command(cmdtable)
minimumhgversion = b'5.3'

# A host may not send us on to another address for what it offers itself.
bundle2.capabilities[b'remote-changegroup'] = ()

# In .hg: everything that was there once is here.
COMPLETE = b'terrarium-complete'


@command(b'terrarium-fetch', [(b'', b'step', 20000, b'revisions in a transaction')], b'URL')
def terrarium_fetch(ui, repo, url, **options):
    """pull everything and print it as one line of JSON

    What is printed is what was offered when the command began; all of it is here then. A transfer that breaks off keeps the transactions that are complete.
    """
    with connected(repo, url) as peer:
        branches = call(peer, b'branchmap')
        branches = {name: list(branches[name]) for name in branches}
        bookmarks = call(peer, b'listkeys', namespace=b'bookmarks')
    offered = {head for heads in branches.values() for head in heads}
    if not all(map(repo.changelog.hasnode, offered)):
        pull(repo, url, options['step'])
    if not all(map(repo.changelog.hasnode, offered)):
        raise error.Abort(b'the host changed while it was read')
    listed = {'heads': heads_of(repo, branches), 'bookmarks': bookmarks_of(repo, bookmarks), 'tags': tags_of(repo, offered)}
    ui.write(b'%s\n' % json.dumps(listed).encode('ascii'))


@contextlib.contextmanager
def connected(repo, url):
    try:
        peer = hg.peer(repo, {}, url)
    except error.RepoError as failure:
        # The first line says it; a whole web page may follow.
        raise error.Abort(stringutil.forcebytestr(failure).split(b'\n')[0])
    try:
        yield peer
    finally:
        peer.close()


def call(peer, name, **arguments):
    with peer.commandexecutor() as executor:
        return executor.callcommand(name, {key.encode('ascii'): value for key, value in arguments.items()}).result()


def pull(repo, url, step):
    """The first time one transaction for every `step` revisions as the other side counts them, and one for the rest."""
    at = 0
    while step > 0 and not repo.vfs.exists(COMPLETE):
        at = max(at, len(repo)) + step
        if not pull_up_to(repo, url, b'%d' % at):
            break
    with connected(repo, url) as peer:
        exchange.pull(repo, peer)
    repo.vfs.write(COMPLETE, b'')


def pull_up_to(repo, url, number):
    """Brings the revision of that number and its ancestors; false where there is none. Over ssh a question that is answered with an error ends the connection."""
    with connected(repo, url) as peer:
        try:
            node = call(peer, b'lookup', key=number)
        except error.RepoError as failure:
            # One that is hidden there has a number, too.
            return b'filtered' in stringutil.forcebytestr(failure)
        if not repo.changelog.hasnode(node):
            exchange.pull(repo, peer, heads=[node])
    return True


def heads_of(repo, branches):
    rev = repo.changelog.rev
    return [
        {'branch': text(name), 'commit': text(hex(head)), 'closed': repo[head].closesbranch(), 'order': rev(head)}
        for name, heads in sorted(branches.items())
        for head in heads
    ]


def bookmarks_of(repo, bookmarks):
    return [
        {'name': text(name), 'commit': text(commit)}
        for name, commit in sorted(bookmarks.items())
        if commit and repo.changelog.hasnode(bytes.fromhex(text(commit)))
    ]


def tags_of(repo, offered):
    """The tags of .hgtags, without those that only heads name which the other side has no more."""
    tags = sorted((name, node) for name, node in repo.tags().items() if repo.tagtype(name) == b'global')
    if not set(repo.heads()) <= offered:
        kept = repo.changelog.ancestors([repo.changelog.rev(head) for head in offered], inclusive=True)
        tags = [(name, node) for name, node in tags if repo.changelog.rev(node) in kept]
    return [{'name': text(name), 'commit': text(hex(node))} for name, node in tags]


def text(data):
    return data.decode('utf-8', 'replace')
