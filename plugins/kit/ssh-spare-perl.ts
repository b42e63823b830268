import { wordsLine } from './ssh-quote.ts';
import { EXEC_SCRIPT, FOLLOW_SCRIPT, UPLOAD_SCRIPT } from './ssh-scripts.ts';
import type { Spares } from './ssh-spares.ts';

/** Whether a machine has what `perlSpares` needs: exit code 0. */
export const HAS_PERL = `command -v perl >/dev/null 2>&1 && exec perl -e 'open F, "</proc/self/exe" and read F, $h, 20; exit !{ 62, 1, 3, 1, 183, 1 }->{ unpack "x18 v", $h }'`;

/** The scripts that the program below knows, by the word of their order. */
const WORDS = new Map([
  [EXEC_SCRIPT, 'exec'],
  [FOLLOW_SCRIPT, 'follow'],
  [UPLOAD_SCRIPT, 'upload'],
]);

/**
 * Does what `EXEC_SCRIPT`, `FOLLOW_SCRIPT` and `UPLOAD_SCRIPT` do, with the same parameters, reports and exit codes, but itself: these start up to eight programs, which a
 * translated machine feels. Its order is a line of standard input, WORD and the parameters in hex; what comes behind is the script's own input.
 * It loads no module: each would cost as much as a program's start. Hence the numbers of the kernel's, by the processor that Perl itself was made for.
 */
const PROGRAM = String.raw`
use strict;
$| = 1;
my $unread = '';
my ($EINTR, $ENOENT, $WNOHANG, $NEW_FILE) = (4, 2, 1, 0301);
# inotify_init1, inotify_add_watch, setsid, clock_gettime: of x86_64, i386, aarch64.
my %CALLS = (62 => [294, 254, 112, 228], 3 => [332, 292, 66, 265], 183 => [26, 27, 157, 113]);
my $calls = $CALLS{ unpack 'x18 v', slurp('/proc/self/exe', 20) } or refuse('a processor that is not known');
sub report { print STDERR "terrarium @_\n"; exit 1 }
sub refuse { print STDERR "@_\n"; exit 2 }
sub fill { my $got; do { $got = sysread STDIN, $unread, 65536, length $unread } until defined $got || $! != $EINTR; return $got }

sub take {
    my ($count) = @_;
    while (length $unread < $count) { fill() or refuse('the files end early') }
    return substr $unread, 0, $count, '';
}

# The archives of ssh-tar.ts, and no others.
sub upload {
    my $long;
    for (;;) {
        my $head = take(512);
        last if $head =~ /^\0*\z/;
        my ($name, $mode, $size, $type) = (unpack('Z100', $head), oct unpack('x100 Z8', $head), oct unpack('x124 Z12', $head), unpack('x156 a', $head));
        if ($type eq 'L') { $long = unpack 'Z*', take($size); take(-$size % 512); next }
        put_file($long // $name, $mode, $size);
        undef $long;
    }
    1 while $unread = '', fill();
    exit 0;
}

sub put_file {
    my ($name, $mode, $size) = @_;
    my $parent = '.';
    for ($name =~ m{([^/]+)/}g) { $parent .= "/$_"; mkdir $parent }
    unlink "./$name";
    sysopen(my $file, "./$name", $NEW_FILE, 0600) or refuse("$name: $!");
    binmode $file;
    my $padding = -$size % 512;
    while ($size > 0) {
        fill() or refuse('the files end early') if $unread eq '';
        my $bytes = substr $unread, 0, $size, '';
        $size -= length $bytes;
        print {$file} $bytes or refuse("$name: $!");
    }
    chmod $mode, $file or refuse("$name: $!");
    close $file or refuse("$name: $!");
    take($padding);
}

sub marked {
    my ($mark) = @_;
    opendir(my $all, '/proc') or return;
    return grep { /^\d+\z/ && index("\0" . slurp("/proc/$_/environ") . "\0", "\0$mark\0") >= 0 } readdir $all;
}

sub slurp {
    my ($path, $most) = @_;
    open(my $file, '<:raw', $path) or return '';
    local $/ = $most ? \$most : undef;
    return <$file> // '';
}

# Again and again: one that forks in between is found in the next round.
sub reap {
    for (1 .. 200) { my @found = marked(@_) or return; kill 'KILL', @found; 1 while waitpid(-1, $WNOHANG) > 0 }
    report('unkillable');
}

# Unix time minus uptime, which spares the agent of a job a process.
sub clock {
    my $now = "\0" x 16;
    return '' if syscall($calls->[3], 0, $now) < 0 || slurp('/proc/uptime') !~ /^(\d+\.\d+)/;
    my ($seconds, $nanoseconds) = unpack 'l!l!', $now;
    return int($seconds * 1000 + $nanoseconds / 1e6 - $1 * 1000);
}

sub run {
    my ($machine, $mark, @argv) = @_;
    pipe(my $woken, my $wake) or die;
    $SIG{CHLD} = sub { syswrite $wake, 'c' };
    my $child = fork // refuse("no process: $!");
    start($machine, $mark, @argv) if !$child;
    my $listens = 1;
    # What came together with the order counts as well.
    while ($unread eq '') {
        my $ready = '';
        vec($ready, fileno($_), 1) = 1 for $woken, $listens ? \*STDIN : ();
        next if select($ready, undef, undef, undef) < 0;
        if (waitpid($child, $WNOHANG) == $child) { my $end = $?; exit($end & 127 ? 128 + ($end & 127) : $end >> 8) }
        # The mere end of the input is a lost connection, of which a command takes no notice.
        $listens = fill() if $listens && vec($ready, 0, 1);
    }
    kill 'KILL', -$child, $child;
    waitpid $child, 0;
    reap("TERRARIUM_EXEC=$mark");
    exit 137;
}

sub start {
    my ($machine, $mark, @argv) = @_;
    $SIG{CHLD} = 'DEFAULT';
    syscall $calls->[2];
    open(STDIN, '<', '/dev/null');
    open(STDERR, '>&', \*STDOUT);
    @ENV{qw(TERRARIUM_MACHINE TERRARIUM_EXEC TERRARIUM_CLOCK)} = ($machine, $mark, clock());
    { no warnings; exec { $argv[0] } @argv }
    my $code = $! == $ENOENT ? 127 : 126;
    syswrite STDOUT, "$argv[0]: $!\n";
    exit $code;
}

# A descriptor that can be read when the file changes; none where that cannot be had: then it is looked at often.
sub watch {
    my ($path) = @_;
    my $watch = syscall($calls->[0], 04000);
    # Modified, attributes, moved, removed.
    return if $watch < 0 || syscall($calls->[1], $watch, $path, 0x2 | 0x4 | 0x800 | 0x400) < 0;
    open(my $handle, '<&=', $watch) or return;
    return $handle;
}

sub put {
    my ($bytes) = @_;
    while (length $bytes) { my $done = syswrite STDOUT, $bytes; if (defined $done) { substr $bytes, 0, $done, '' } elsif ($! != $EINTR) { exit 1 } }
}

sub follow {
    my ($path, $offset) = @_;
    my @first = lstat "./$path" or report('missing');
    report('irregular') unless -f _;
    open(my $file, '<:raw', "./$path") or report('irregular');
    my $watch = watch("./$path");
    my $at = sysseek $file, $offset, 0;
    my $size = $offset;
    for (;;) {
        my @now = lstat "./$path";
        report('vanished') unless @now && -f _ && $now[1] == $first[1];
        report("shorter $now[7]") if $now[7] < $size;
        $size = $now[7];
        while (sysread $file, my $bytes, 65536) { put($bytes) }
        my $ready = '';
        vec($ready, fileno($_), 1) = 1 for \*STDIN, $watch // ();
        next if select($ready, undef, undef, $watch ? 1 : 0.05) <= 0;
        exit 0 if vec($ready, 0, 1);
        sysread $watch, my $ignored, 65536;
    }
}

until ($unread =~ /\n/) { fill() or exit 0 }
my ($word, $folder, @rest) = split / /, substr($unread, 0, index($unread, "\n") + 1, '') =~ s/\n//r, -1;
($folder, @rest) = map { pack 'H*', $_ } $folder, @rest;
chdir $folder or report('gone');
if ($word eq 'upload') { upload() } elsif ($word eq 'follow') { follow(@rest[0, 1]) } else { run(@rest) }
`;

/** For a machine with Perl: one process of it for each. */
export const perlSpares: Spares = {
  line: wordsLine(['exec', 'perl', '-e', PROGRAM]).replace("'exec' 'perl'", 'exec perl'),
  order: (script, parameters) => {
    // Refuses what no command line takes, as without spares.
    wordsLine(parameters);
    const word = WORDS.get(script);
    if (word === undefined) return null;
    return `${[word, ...parameters.map((one) => Buffer.from(one).toString('hex'))].join(' ')}\n`;
  },
};
