#!/usr/bin/perl
# The first process of a machine on its disk. It sets up what every program expects, lets the SSH server run, and takes the seed over the second serial port:
# what it reads there, and what it answers, is told in seed.ts of the host. Perl, because every Debian has it and it needs no compiler.
use strict;
use warnings;
use Config;
use Errno;
use Fcntl qw(O_RDWR O_WRONLY O_NOCTTY);

my %NUMBERS = (
    x86_64 => { mount => 165, mknod => 133, personality => 135, reboot => 169, clock_settime => 227 },
    i386   => { mount => 21,  mknod => 14,  personality => 136, reboot => 88,  clock_settime => 404 },
);
my $is32 = $Config{archname} =~ /^i[3-6]86/;
my $number = $NUMBERS{ $is32 ? 'i386' : 'x86_64' };

my $PORT = '/dev/ttyS1';
my $USER = 'ci';
my $HOME_OF_USER = '/home/ci';
my $HOST_KEY = '/etc/terrarium/host_key';
# What the systems below /opt/suites share with the base.
my @SHARED = qw(/dev /proc /sys /run /home /work /tmp /var/tmp /root /srv /mnt /etc/hosts /etc/resolv.conf /etc/hostname /etc/passwd /etc/group /etc/ssl/certs);

$ENV{PATH} = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
$ENV{HOME} = '/root';
umask 022;

sub say_it { print STDERR "terrarium: @_\n" }

sub try {
    return 1 if system(@_) == 0;
    say_it("@_ failed");
    return 0;
}

# --- what every program expects -------------------------------------------------------------------------------------------------------------------------

# The call itself: a process for each of some forty mounts would take longer than everything else.
sub mount_at {
    my ($target, $type, $flags, $options, $source) = @_;
    $source //= $type;
    return if syscall($number->{mount}, $source, $target, $type, $flags + 0, $options) == 0;
    say_it("$target cannot be mounted: $!");
}

sub mount_all {
    mount_at('/sys', 'sysfs', 0, '');
    mount_at('/run', 'tmpfs', 0, 'mode=755');
    mkdir $_ for qw(/dev/pts /dev/shm /run/lock /run/user);
    mount_at('/dev/pts', 'devpts', 0, 'gid=5,mode=620,ptmxmode=666');
    mount_at('/dev/shm', 'tmpfs', 0, 'mode=1777');
    symlink '/proc/self/fd', '/dev/fd';
    symlink "/proc/self/fd/$_->[0]", "/dev/$_->[1]" for [0, 'stdin'], [1, 'stdout'], [2, 'stderr'];
}

# Device files whose first use loads their module: /dev/fuse, /dev/net/tun and the like.
sub make_static_nodes {
    chomp(my $release = slurp('/proc/sys/kernel/osrelease') // '');
    for (split /\n/, slurp("/lib/modules/$release/modules.devname") // '') {
        next unless m{^\S+ ([A-Za-z0-9/_-]+) ([bc])(\d+):(\d+)$};
        my ($name, $type, $major, $minor) = ($1, $2, $3, $4);
        my $path = "/dev/$name";
        mkdir $path =~ s{/[^/]+$}{}r;
        syscall($number->{mknod}, $path, $type eq 'b' ? 060600 : 020600, ($major << 8) | $minor);
    }
    # Some kernels have them built in: then they are there already.
    chmod 0666, grep { -e } qw(/dev/fuse /dev/net/tun);
}

sub share_with_suites {
    for my $root (grep { -d } glob '/opt/suites/*') {
        for my $path (@SHARED) {
            next unless -e $path && -e "$root$path";
            # MS_BIND, and MS_REC with what is mounted below.
            mount_at("$root$path", 'none', $path =~ m{^/(?:dev|sys)$} ? 4096 | 16384 : 4096, '', $path);
        }
    }
}

sub start_network {
    try(qw(ip link set lo up));
    return unless -e '/sys/class/net/eth0';
    try(qw(ip addr add 10.0.2.15/24 dev eth0));
    try(qw(ip link set eth0 up));
    # QEMU's own TCP begins with one segment again whenever a connection was idle for seconds, and the kernel would take 40 ms to acknowledge it.
    try(qw(ip route change 10.0.2.0/24 dev eth0 proto kernel scope link src 10.0.2.15 quickack 1));
    try(qw(ip route add default via 10.0.2.2 quickack 1));
}

# A machine may be given a larger disk than its image has.
sub grow_disk {
    my $sectors = slurp('/sys/class/block/vda/size') or return;
    open(my $disk, '<:raw', '/dev/vda') or return;
    # The superblock, as the kernel's Documentation/filesystems/ext4/super.rst says: blocks at 4, the logarithm of their size at 24.
    return unless seek($disk, 1024, 0) && read($disk, my $super, 64) == 64;
    my ($blocks, $log) = (unpack('V', substr $super, 4), unpack('V', substr $super, 24));
    try(qw(resize2fs /dev/vda)) if $sectors * 512 - $blocks * (1024 << $log) >= 1 << 20;
}

sub slurp {
    my ($path) = @_;
    open(my $file, '<', $path) or return undef;
    local $/;
    return scalar <$file>;
}

# --- the end --------------------------------------------------------------------------------------------------------------------------------------------

sub reboot_call { syscall($number->{reboot}, 0xfee1dead, 672274793, $_[0], 0) }

sub power_off {
    say_it('off');
    kill 'TERM', -1;
    system('sync');
    reboot_call(0x4321fedc);
}

# --- the SSH server -------------------------------------------------------------------------------------------------------------------------------------

# Its process id, what it says, and the pipe by which it gets its key, until it has it.
my ($server, $voice, $key_pipe);
# It has been given its key and does not listen yet.
my $is_starting = 0;
# When it is started again, if it has ended.
my $restart_at;

# The server is started before there is a key and waits for one: its key file is a pipe that nobody has written to. So a memory snapshot has a server that has done all
# but read its key; what it makes of random numbers it takes from the kernel when somebody connects.
sub start_ssh {
    mkdir '/run/sshd', 0755;
    unlink $HOST_KEY;
    syscall($number->{mknod}, $HOST_KEY, 010600, 0) == 0 or die "$HOST_KEY: $!\n";
    run_ssh();
    # Returns when the server has come to its key, or has ended.
    sysopen($key_pipe, $HOST_KEY, O_WRONLY) or die "the SSH server does not read its key: $!\n";
}

# Without -r each connection would start the program anew.
sub run_ssh {
    $restart_at = undef;
    pipe($voice, my $mouth) or die "no pipe: $!\n";
    $server = fork // die "no process: $!\n";
    return if $server;
    open(STDIN, '<', '/dev/null');
    open(STDOUT, '>', '/dev/null');
    open(STDERR, '>&', $mouth);
    exec qw(/usr/sbin/sshd -D -e -r -f /etc/terrarium/sshd_config);
    exit 127;
}

# What it reads first is the pipe; whenever it looks again, the file in its place.
sub give_key {
    my ($text) = @_;
    die "it has its key\n" unless $key_pipe;
    write_file("$HOST_KEY.new", 0600, $text);
    rename "$HOST_KEY.new", $HOST_KEY or die "$HOST_KEY: $!\n";
    print {$key_pipe} $text or die "$HOST_KEY: $!\n";
    close $key_pipe or die "$HOST_KEY: $!\n";
    $key_pipe = undef;
    $is_starting = 1;
}

# Whoever connects before it listens is refused.
sub await_ssh {
    my $said = '';
    until ($said =~ /^Server listening /m) {
        my $got = sysread $voice, $said, 4096, length $said;
        die "the SSH server does not start: $said\n" if defined $got ? $got == 0 : !$!{EINTR};
    }
}

# A job that ends the server, as root may, ends its own connection, and the next one finds another server.
sub reap {
    for (;;) {
        my $pid = waitpid(-1, 1);
        return if $pid <= 0;
        $restart_at = time + 1 if $pid == $server && !$key_pipe;
    }
}

# --- the seed -------------------------------------------------------------------------------------------------------------------------------------------

sub unhex { my ($hex, $max) = @_; die "no even hexadecimal digits\n" unless $hex =~ /^(?:[0-9a-f]{2})*$/ && length($hex) <= 2 * $max; return pack 'H*', $hex }

# Lines of 76 characters. Perl's pack knows uuencode, which is the same in another alphabet.
sub encode_base64 {
    my $text = join '', map { substr($_, 1) } split /\n/, pack 'u', $_[0];
    $text =~ tr{` -_}{AA-Za-z0-9+/};
    substr($text, -(-length($_[0]) % 3)) = '=' x (-length($_[0]) % 3) if length($_[0]) % 3;
    return $text =~ s/(.{1,76})/$1\n/gr;
}

sub write_file {
    my ($path, $mode, $content) = @_;
    # In place: some files are mounted elsewhere, too.
    open(my $file, '>:raw', $path) or die "$path: $!\n";
    chmod $mode, $path;
    print {$file} $content or die "$path: $!\n";
    close $file or die "$path: $!\n";
}

sub take_seed {
    my $bytes = unhex($_[0], 64);
    die "a seed has 64 bytes\n" unless length $bytes == 64;
    open(my $random, '+<:raw', '/dev/random') or die "/dev/random: $!\n";
    # RNDADDENTROPY with bits, bytes, data; RNDRESEEDCRNG, so that it counts at once.
    ioctl($random, 0x40085203, pack('ii', 512, 64) . $bytes) or die "the kernel takes no seed: $!\n";
    ioctl($random, 0x5207, 0) or die "the kernel does not use the seed: $!\n";
}

sub take_time {
    my ($seconds, $micro) = @_;
    die "no time\n" unless $seconds =~ /^\d{1,11}$/ && $micro =~ /^\d{1,6}$/;
    syscall($number->{clock_settime}, 0, pack('qq', $seconds, $micro * 1000)) == 0 or die "the clock cannot be set: $!\n";
}

sub take_name {
    die "no host name\n" unless $_[0] =~ /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62})$/;
    write_file('/proc/sys/kernel/hostname', 0644, $_[0]);
    write_file('/etc/hostname', 0644, "$_[0]\n");
}

sub take_host_key {
    my ($private, $public) = map { unhex($_, 32) } @_;
    die "a key has 32 bytes\n" unless length $private == 32 && length $public == 32;
    # The format openssh-key-v1, unencrypted: see PROTOCOL.key of OpenSSH.
    my $type = 'ssh-ed25519';
    my $secret = ("\0" x 8) . pack('N/a* N/a* N/a* N/a*', $type, $public, $private . $public, '');
    $secret .= pack 'C*', 1 .. (-length($secret) % 8);
    my $whole = "openssh-key-v1\0" . pack('N/a* N/a* N/a* N N/a* N/a*', 'none', 'none', '', 1, pack('N/a* N/a*', $type, $public), $secret);
    my $text = encode_base64($whole);
    give_key("-----BEGIN OPENSSH PRIVATE KEY-----\n$text-----END OPENSSH PRIVATE KEY-----\n");
}

sub take_user_key {
    my $text = unhex($_[0], 16384);
    die "no key\n" unless $text =~ /^ssh-[a-z0-9-]+ [A-Za-z0-9+\/=]+[^\n]*\n\z/;
    my $file = "$HOME_OF_USER/.ssh/authorized_keys";
    write_file($file, 0600, $text);
    my (undef, undef, $uid, $gid) = getpwnam $USER;
    chown $uid, $gid, $file or die "$file: $!\n";
}

my %TAKE = (
    seed    => [1, \&take_seed],
    time    => [2, \&take_time],
    name    => [1, \&take_name],
    hostkey => [2, \&take_host_key],
    userkey => [1, \&take_user_key],
    hosts   => [1, sub { write_file('/etc/hosts', 0644, unhex($_[0], 1 << 20)) }],
);

# Whether all since the last `go` went well.
my $well = 1;

sub answer {
    my ($line) = @_;
    my ($word, @values) = split / /, $line, -1;
    if (defined $word && $word eq 'go' && !@values) {
        my $answer = $well ? eval { settle(); 'ok' } // refusal('go') : 'error not everything before was taken';
        $well = 1;
        return $answer;
    }
    eval {
        my $take = defined $word && $TAKE{$word} or die "unknown\n";
        die "takes $take->[0] words\n" unless @values == $take->[0];
        $take->[1]->(@values);
        1;
    } and return undef;
    $well = 0;
    return refusal(defined $word && $TAKE{$word} ? $word : 'a line');
}

sub refusal { my ($title) = @_; return "error $title: " . (($@ =~ s/[^ -~]+/ /gr) =~ s/ +$//r) }

# The server has started while the rest was taken.
sub settle {
    await_ssh() if $is_starting;
    $is_starting = 0;
}

# --- from here on ---------------------------------------------------------------------------------------------------------------------------------------

sub main {
    syscall($number->{personality}, 8) if $is32;
    reboot_call(0);
    mount_all();
    make_static_nodes();
    share_with_suites();
    start_network();
    grow_disk();
    system('stty', '-F', $PORT, 'raw', '-echo', '115200');
    sysopen(my $port, $PORT, O_RDWR | O_NOCTTY) or die "$PORT: $!";
    pipe(my $woken, my $wake) or die "no pipe: $!";
    my $off = 0;
    $SIG{CHLD} = sub { syswrite $wake, 'c' };
    $SIG{$_} = sub { $off = 1; syswrite $wake, 'o' } for qw(TERM INT PWR);
    start_ssh();
    syswrite $port, "ready\n";
    serve($port, $woken, \$off);
}

sub serve {
    my ($port, $woken, $off) = @_;
    my $unread = '';
    for (;;) {
        my $wanted = '';
        vec($wanted, fileno($_), 1) = 1 for $port, $woken;
        # What the server says once it listens is nobody's business, but has to be taken from it.
        vec($wanted, fileno($voice), 1) = 1 if !$key_pipe && !$restart_at;
        my $ready = select($wanted, undef, undef, $restart_at ? 1 : undef);
        power_off() if $$off;
        run_ssh() if $restart_at && time >= $restart_at;
        next unless $ready > 0;
        reap() if vec($wanted, fileno($woken), 1) && sysread($woken, my $ignored, 4096);
        if (vec($wanted, fileno($voice), 1)) { sysread($voice, my $ignored, 4096) or $restart_at //= time + 1 }
        next unless vec($wanted, fileno($port), 1);
        sysread($port, $unread, 65536, length $unread);
        while ($unread =~ s/^([^\n]*)\n//) {
            my $reply = answer($1);
            syswrite $port, "$reply\n" if defined $reply;
        }
        # Nothing that is meant has such a line.
        $unread = '' if length $unread > 4 << 20;
    }
}

eval { main(); 1 } or say_it("stops: $@");
power_off();
