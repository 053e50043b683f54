# SPDX-License-Identifier: GPL-2.0-or-later
"""
Random rulesets in a namespace, real packets sent through them, and what the evaluator says beforehand: rulesets.py NSNET WEIGH ROUNDS.
Two namespaces joined by a veth: ours is the server's. What arrived is what a UDP socket got; what is said is weigh's verdict at prerouting
(with its translation) and then at input. "unknown" is allowed only where a rule asks for chance.
"""
import atexit, os, random, signal, socket, subprocess, sys, tempfile, time

nsnet, weigh, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
rng = random.Random(seed)
PORTS = [1000, 1001, 1002, 2000, 2001, 3000]
CLIENTS = ["10.77.0.2", "10.77.0.3", "10.77.1.9"]
SERVERS = ["10.77.0.1", "10.77.0.11"]


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout


def nft_match(r):
    port = lambda: str(r.choice(PORTS))
    some = lambda of: "{ " + ", ".join(sorted(set(r.choice(of) for _ in range(3)))) + " }"
    span = lambda: "-".join(map(str, sorted((r.choice(PORTS), r.choice(PORTS) + 1))))
    no = lambda: r.choice(["", "", "!= "])
    return r.choice([
        lambda: f"udp dport {no()}{port()}", lambda: f"udp dport {no()}{some(list(map(str, PORTS)))}", lambda: f"udp dport {no()}{span()}",
        lambda: f"udp sport {no()}{port()}", lambda: "udp dport { " + span() + ", 4000 }",
        lambda: f"ip saddr {no()}{r.choice(CLIENTS)}", lambda: f"ip saddr {no()}10.77.0.0/{r.choice([16, 24, 31, 30, 17])}",
        lambda: f"ip saddr {no()}{some(CLIENTS)}", lambda: f"ip daddr {no()}{r.choice(SERVERS)}",
        lambda: f"iifname {no()}{r.choice(['srv', 'lo', 'srv*', 's*'])}", lambda: f"meta l4proto {r.choice(['udp', 'tcp', '{ tcp, udp }'])}",
        lambda: f"meta mark {no()}{r.choice(['0', '1', '2'])}", lambda: "meta mark & 3 == 1", lambda: f"ct state {no()}{r.choice(['new', 'established', 'invalid,new'])}",
        lambda: f"ip saddr . udp dport {no()}{{ {r.choice(CLIENTS)} . {port()}, {r.choice(CLIENTS)} . {port()} }}",
        lambda: f"fib daddr type {no()}{r.choice(['local', 'unicast', 'broadcast'])}", lambda: "ip saddr @named", lambda: "udp dport @ports",
        lambda: f"ip saddr . udp dport @pairs", lambda: f"ip protocol {r.choice(['udp', 'tcp'])}", lambda: f"@th,16,16 {port()}",
        lambda: f"udp dport >= {port()}", lambda: f"udp dport < {port()}", lambda: "ct status dnat", lambda: f"pkttype {r.choice(['host', 'multicast'])}",
        lambda: f"meta l4proto udp ct original proto-dst {port()}", lambda: f"meta iiftype {r.choice(['ether', 'loopback'])}", lambda: "meta nfproto ipv4",
        lambda: f"ip frag-off & 0x1fff {r.choice(['==', '!='])} 0", lambda: f"iif {no()}srv", lambda: "ip version 4", lambda: "",
    ])()


def nft_ruleset(r):
    matches = lambda: " ".join(nft_match(r) for _ in range(r.choice([0, 1, 1, 2, 3])))
    say = lambda names: r.choice(["accept", "drop", "return", "continue", "meta mark set 1", "meta mark set 2", "counter", "reject"] + names)
    lines = ["table inet f {", f"set named {{ type ipv4_addr; flags interval; elements = {{ 10.77.0.2, 10.77.1.0/25 }}; }}",
             f"set ports {{ type inet_service; elements = {{ {r.choice(PORTS)}, {r.choice(PORTS)} }}; }}",
             f"set pairs {{ type ipv4_addr . inet_service; flags interval; elements = {{ 10.77.0.0/24 . 1000-{r.choice(PORTS)}, 10.77.1.9 . 2000 }}; }}"]
    names = []
    for name in ("c", "b", "a"):  # each jumps only to those before it
        verdicts = [f"jump {n}" for n in names] + [f"goto {n}" for n in names]
        lines += [f"chain {name} {{"] + [f"{matches()} {say(verdicts)};" for _ in range(r.randrange(4))] + ["}"]
        names.append(name)
    jumps = [f"jump {n}" for n in names] + [f"goto {n}" for n in names]
    for i in range(r.randrange(1, 3)):
        policy = r.choice(["accept", "accept", "drop"])
        lines += [f"chain in{i} {{ type filter hook input priority {r.choice([-150, -10, 0, 0, 10])}; policy {policy};"]
        lines += [f"{matches()} {say(jumps)};" for _ in range(r.randrange(6))]
        if r.random() < .3:
            lines += [f"udp dport vmap {{ {r.choice(PORTS)} : drop, 1500-1999 : accept, 2000 : {r.choice(['accept', 'jump a', 'goto b'])} }};"]
        lines += ["}"]
    lines += ["chain pre { type filter hook prerouting priority mangle;"] + [f"{matches()} {r.choice(['drop', 'meta mark set 1', 'accept', 'accept'])};"] * r.randrange(2) + ["}", "}"]
    lines += ["table ip n { chain pre { type nat hook prerouting priority dstnat;"]
    for _ in range(r.randrange(3)):
        lines += [f"udp dport {r.choice(PORTS)} {r.choice(['redirect to :%d' % r.choice(PORTS), 'dnat to 10.77.0.11:%d' % r.choice(PORTS), 'dnat to 10.77.0.11', 'accept', 'return'])};"]
    lines += ["}", "}"]
    return "\n".join(lines)


def xt_rules(r):
    """iptables-nft's, for a table of its own family: chains as above."""
    def match():
        port, no = r.choice(PORTS), r.choice(["", "", "! "])
        return r.choice([f"-p udp {no}--dport {port}", f"-p udp -m multiport {no}--dports 1000:1001,{port}", f"{no}-s {r.choice(CLIENTS)}", f"{no}-s 10.77.0.0/{r.choice([24, 25, 30])}",
                         f"{no}-i srv", "-i srv+", f"-m conntrack {no}--ctstate {r.choice(['NEW', 'ESTABLISHED,RELATED', 'NEW,INVALID'])}", f"-m addrtype {no}--dst-type LOCAL",
                         f"-m addrtype {no}--src-type {r.choice(['LOCAL', 'UNICAST'])}", f"-m mark {no}--mark {r.choice([0, 1, 2])}", f"-m iprange {no}--src-range 10.77.0.2-10.77.0.3", "-p tcp",
                         "-m state --state NEW", f"-m conntrack {no}--ctorigdstport {port}", "-m conntrack --ctstatus DNAT", "-m pkttype --pkt-type unicast",
                         "-m limit --limit 1000000/second --limit-burst 10000", f"-p udp --sport {port}", f"{no}-d {r.choice(SERVERS)}", "-m comment --comment 'words'", ""])
    lines = ["*filter", f":INPUT {r.choice(['ACCEPT', 'ACCEPT', 'DROP'])} [0:0]", ":U1 - [0:0]", ":U2 - [0:0]"]
    for chain, more in (("U2", []), ("U1", ["U2"]), ("INPUT", ["U1", "U2"])):
        for _ in range(r.randrange(1, 5)):
            target = r.choice(["ACCEPT", "DROP", "RETURN", "REJECT", "REJECT --reject-with icmp-host-prohibited", "LOG"] + more * 2)
            lines += [f"-A {chain} {match()} -{'g' if target in more and r.random() < .3 else 'j'} {target}"]
    lines += ["COMMIT", "*nat", ":PREROUTING ACCEPT [0:0]"]
    for _ in range(r.randrange(3)):
        lines += [f"-A PREROUTING -p udp --dport {r.choice(PORTS)} -j {r.choice(['DNAT --to-destination 10.77.0.11:%d' % r.choice(PORTS), 'REDIRECT --to-ports %d' % r.choice(PORTS), 'RETURN'])}"]
    lines += ["COMMIT", "*mangle", ":PREROUTING ACCEPT [0:0]"]
    lines += [f"-A PREROUTING {match()} -j {r.choice(['MARK --set-xmark 0x1/0xff', 'MARK --set-mark 2', 'ACCEPT'])}" for _ in range(r.randrange(2))]
    return "\n".join(lines + ["COMMIT", ""])


def setup():
    client = subprocess.Popen(["unshare", "-n", "sleep", "10000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(client.kill)
    while os.readlink(f"/proc/{client.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
        pass
    inside = ["nsenter", "-t", str(client.pid), "-n"]
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "srv", "type", "veth", "peer", "name", "cli", "netns", f"/proc/{client.pid}/ns/net")
    for address in SERVERS:
        run("ip", "address", "add", f"{address}/16", "dev", "srv")
    run("ip", "link", "set", "srv", "up")
    for address in CLIENTS:
        run(*inside, "ip", "address", "add", f"{address}/16", "dev", "cli")
    run(*inside, "ip", "link", "set", "cli", "up")
    return client, inside


SENDER = r"""
import socket, sys
for line in sys.stdin:
    saddr, sport, daddr, dport, word = line.split()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((saddr, int(sport)))
    try:
        s.sendto(word.encode(), (daddr, int(dport)))
    except OSError:
        pass
    s.close()
    print("sent", flush=True)
"""


def listeners():
    found = {}
    for port in PORTS:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO: at which address
        s.bind(("0.0.0.0", port))
        s.setblocking(False)
        found[port] = s
    return found


def arrived(sockets, words):
    got = {}
    for _ in range(20):
        for port, s in sockets.items():
            while True:
                try:
                    data, control, _, _ = s.recvmsg(100, 100)
                except BlockingIOError:
                    break
                got[data.decode()] = (socket.inet_ntoa(control[0][2][8:12]), port)
        if len(got) == words:
            break
        time.sleep(.001)
    return got


def load(xt):
    """A ruleset that nft or iptables takes; what they refuse (a conflict in a map) is drawn again."""
    for _ in range(100):
        rules = xt_rules(rng) if xt else nft_ruleset(rng)
        run("nft", "flush", "ruleset")
        if not subprocess.run(["iptables-nft-restore"] if xt else ["nft", "-f", "-"], input=rules, text=True, capture_output=True).returncode:
            return rules
    sys.exit("no ruleset could be loaded: " + rules)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends, too
    client, inside = setup()
    ns = os.readlink("/proc/self/ns/net")[5:-1]
    sender = subprocess.Popen([*inside, sys.executable, "-c", SENDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(sender.kill)
    sockets, snapshot, serial = listeners(), tempfile.mktemp(), 0
    packets = differences = unknowns = taken = moved = 0
    for i in range(rounds):
        rules = load(i % 2)
        run(nsnet, "--save", snapshot, f"net:[{ns}]")
        sent = []
        for _ in range(24):
            serial += 1
            sent.append((rng.choice(CLIENTS), 10000 + serial % 50000 if rng.random() < .8 else 40000 + serial % 20000, rng.choice(SERVERS), rng.choice(PORTS), f"w{serial}"))
        asked = "".join(f"hook=way proto=udp saddr={a} sport={b} daddr={c} dport={d} iif=srv\n" for a, b, c, d, _ in sent)
        said = run(weigh, snapshot, ns, input=asked).splitlines()
        for packet in sent:
            sender.stdin.write(" ".join(map(str, packet)) + "\n")
            sender.stdin.flush()
            sender.stdout.readline()
        got = arrived(sockets, len(sent))
        for packet, words in zip(sent, said):
            packets += 1
            verdict, where = words.split()[0], words.split("packet=")[1].split()[0].split(">")[1]
            address = got.get(packet[4])
            real = "%s:%d" % address if address else None
            taken += address is not None
            moved += address is not None and address != packet[2:4]
            if verdict == "unknown":
                unknowns += 1
                print("unknown:", packet, words, rules, sep="\n")
            elif (where if verdict == "accept" else None) != real:
                differences += 1
                print("DIFFERENT:", packet, words, "really:", real, rules, sep="\n")
        if differences > 3:
            break
    os.unlink(snapshot)
    print(f"seed {seed}: {packets} packets, {taken} of them taken, {moved} translated; {differences} differences, {unknowns} unknown")
    sys.exit(differences > 0 or unknowns > 0 or packets < rounds * 24 or not 0 < moved < taken < packets)


main()
