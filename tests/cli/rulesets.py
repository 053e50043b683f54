# SPDX-License-Identifier: GPL-2.0-or-later
"""
Random rulesets in a namespace, real packets sent through them, and what the evaluator says beforehand: rulesets.py NSNET WEIGH ROUNDS.
Three namespaces in a row, client - ours - server: packets of TCP and UDP come in for us, go through us, and are sent by us. Which of them the
kernel lets pass is told by the kernel: a last chain at each hook keeps the addresses and ports of all that come so far in a set. What is said
is weigh's verdict and translation. "unknown" is allowed only where a rule asks for chance. SEED=N repeats a run.
"""
import atexit, json, os, random, re, signal, subprocess, sys, tempfile, time

nsnet, weigh, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
rng = random.Random(seed)
PORTS = [1000, 1001, 1002, 2000, 2001, 3000]
PER_ROUND = 40


class Net:
    """The addresses of one family."""
    def __init__(self, v6):
        a = (lambda net, host: f"fd77:{net}::{host}") if v6 else (lambda net, host: f"10.77.{net}.{host}")
        self.v6, self.ip, self.nf, self.length = v6, "ip6" if v6 else "ip", "ipv6" if v6 else "ipv4", 64 if v6 else 24
        self.clients, self.ours, self.servers = [a(0, 2), a(0, 3), a(0, 9)], [a(0, 1), a(0, 11)], [a(1, 2), a(1, 3)]
        self.back = a(1, 1)
        self.part, self.whole = f"{a(0, 0)}/{126 if v6 else 30}", f"{a(0, 0)}/{self.length}"
        self.targets = self.ours + self.servers

    def at(self, address, port):
        return f"[{address}]:{port}" if self.v6 else f"{address}:{port}"


NETS = [Net(False), Net(True)]


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout


def some(r, of, n=3):
    return "{ " + ", ".join(sorted(set(r.choice(of) for _ in range(n)))) + " }"


def span(r):
    return "-".join(map(str, sorted((r.choice(PORTS), r.choice(PORTS) + 1))))


def nft_match(r, hook, n, proto):
    no = r.choice(["", "", "!= "])
    port, ports = str(r.choice(PORTS)), list(map(str, PORTS))
    device = r.choice(["iif", "iifname"] if hook in ("prerouting", "input") else ["oif", "oifname"] if hook in ("output", "postrouting") else
                      ["iif", "iifname", "oif", "oifname"])
    return r.choice([
        lambda: f"{proto} dport {no}{port}", lambda: f"{proto} dport {no}{some(r, ports)}", lambda: f"{proto} dport {no}{span(r)}",
        lambda: f"th sport {no}{r.randrange(20000, 60000)}", lambda: f"{proto} dport {{ {span(r)}, 4000 }}", lambda: f"th dport {no}{port}",
        lambda: f"{n.ip} saddr {no}{r.choice(n.clients)}", lambda: f"{n.ip} saddr {no}{r.choice([n.part, n.whole])}", lambda: f"{n.ip} saddr {no}{some(r, n.clients)}",
        lambda: f"{n.ip} daddr {no}{r.choice(n.targets)}", lambda: f"{n.ip} daddr {some(r, n.targets)}", lambda: f"{n.ip} daddr {n.part}",
        lambda: f"{device} {no}{r.choice(['lan', 'wan', 'lo'])}", lambda: f"{device[:3]}name {no}{r.choice(['l*', 'wan', 'w*'])}",
        lambda: f"meta l4proto {no}{r.choice(['udp', 'tcp', '{ tcp, udp }', '{ icmp, tcp }'])}", lambda: f"meta nfproto {n.nf}", lambda: f"meta protocol {n.ip}",
        lambda: f"meta mark {no}{r.choice(['0', '1', '2', '{ 0, 3 }'])}", lambda: "meta mark & 3 == 1", lambda: f"ct mark {no}{r.choice(['0', '5'])}",
        lambda: f"ct state {no}{r.choice(['new', 'established', 'invalid,new', 'untracked', 'established,related'])}", lambda: "ct status dnat", lambda: "ct direction original",
        lambda: f"{n.ip} saddr . {proto} dport {no}{{ {r.choice(n.clients)} . {port}, {r.choice(n.clients)} . {r.choice(PORTS)} }}",
        lambda: f"{n.ip} saddr . {n.ip} daddr . {proto} dport {{ {n.whole} . {r.choice(n.targets)} . {span(r)} }}", lambda: f"meta l4proto . th dport {{ {proto} . {port}, udp . {span(r)} }}",
        lambda: f"fib daddr type {no}{r.choice(['local', 'unicast', 'broadcast', '{ local, broadcast }'])}", lambda: f"fib saddr type {r.choice(['local', 'unicast'])}",
        lambda: f"fib {r.choice(['saddr', 'saddr . iif', 'saddr . mark . iif'])} oif {r.choice(['missing', 'exists'])}" if hook in ("prerouting", "input", "forward") else "fib daddr oif exists",
        lambda: f"fib {r.choice(['saddr', 'daddr'])} oifname {no}{r.choice(['lan', 'wan'])}",
        lambda: f"ip saddr @named", lambda: "th dport @ports", lambda: "ip saddr . th dport @pairs", lambda: "ip saddr @timed", lambda: "meta l4proto . ip daddr . th dport @three",
        lambda: f"@th,16,16 {port}", lambda: f"{proto} dport {r.choice(['>=', '<', '<=', '>'])} {port}", lambda: "tcp flags syn", lambda: "tcp flags & (fin|syn|rst|ack) == syn",
        lambda: "tcp flags & (ack|rst) != 0", lambda: f"meta l4proto {proto} ct original proto-dst {port}", lambda: f"ct original {n.ip} daddr {r.choice(n.targets)}",
        lambda: "pkttype host" if hook in ("prerouting", "input") else "", lambda: f"ip frag-off & 0x1fff {r.choice(['==', '!='])} 0", lambda: "ip version 4", lambda: f"{n.ip} {'nexthdr' if n.v6 else 'protocol'} {proto}",
        lambda: "limit rate 100000/second burst 10000 packets", lambda: "limit rate over 100000/second burst 10000 packets", lambda: "quota over 1000 mbytes", lambda: "quota until 1000 mbytes",
        lambda: "add @added { ip saddr . th dport }", lambda: "update @limited { ip saddr . th dport limit rate over 100000/second burst 10000 packets }", lambda: "ct count over 100000",
        lambda: "meta skuid 0" if hook in ("output", "postrouting") else "", lambda: f"th dport & {r.choice([1, 3, 0xff00])} {r.choice(['==', '!='])} {r.choice([0, 1])}", lambda: "",
    ])()


def nft_say(r, hook, proto, jumps):
    return r.choice(["accept", "accept", "drop", "return", "continue", "meta mark set 1", "meta mark set meta mark or 0x2", "ct mark set 5", "meta mark set ct mark", "meta mark set 5 ct mark set meta mark", "counter", 'log prefix "x"']
                    + (["reject", "reject with icmpx admin-prohibited", "meta l4proto tcp reject with tcp reset"] if hook in ("input", "forward", "output") else [])
                    + (["synproxy mss 1460 wscale 7 timestamp sack-perm"] if hook in ("input", "forward") and r.random() < .3 else [])
                    + [f"{proto} dport vmap {{ {r.choice(PORTS)} : drop, 1500-1999 : accept, 2000 : continue }}", "th dport vmap @verdicts", "meta l4proto . th dport vmap @both"] + jumps * 2)


def nft_rule(r, hook, jumps):
    n, proto = r.choice([NETS[0], NETS[0], NETS[1]]), r.choice(["tcp", "udp"])
    return " ".join(nft_match(r, hook, n, proto) for _ in range(r.choice([0, 1, 1, 2, 3]))) + " " + nft_say(r, hook, proto, jumps) + ";"


def nft_ruleset(r):
    def rules(hook, jumps, most):
        return [nft_rule(r, hook, jumps) for _ in range(r.randrange(most))]
    lines = ["table inet f {", "set named { type ipv4_addr; flags interval; elements = { 10.77.0.2, 10.77.1.0/25, 10.77.0.9-10.77.0.12 }; }",
             f"set ports {{ type inet_service; elements = {{ {r.choice(PORTS)}, {r.choice(PORTS)} }}; }}",
             f"set pairs {{ type ipv4_addr . inet_service; flags interval; elements = {{ 10.77.0.0-10.77.0.5 . 1000-{r.choice(PORTS)}, 10.77.0.9 . 2000-3000 }}; }}",
             "set timed { type ipv4_addr; flags timeout; timeout 1h; elements = { 10.77.0.3 timeout 10m, 10.77.0.9 }; }",
             f"set three {{ typeof meta l4proto . ip daddr . th dport; flags interval; elements = {{ tcp . 10.77.0.0/16 . {r.choice(PORTS)}, udp . 10.77.1.2-10.77.1.9 . 2000-4000 }}; }}",
             "set added { type ipv4_addr . inet_service; size 65535; flags dynamic,timeout; timeout 1m; }",
             "set limited { type ipv4_addr . inet_service; size 65535; flags dynamic,timeout; timeout 1m; }", "chain z { return; }", f"map verdicts {{ type inet_service : verdict; flags interval; elements = {{ 1000-1001 : {r.choice(['drop', 'accept', 'jump z'])}, 2001 : {r.choice(['goto z', 'drop'])} }}; }}",
             f"map both {{ typeof meta l4proto . th dport : verdict; elements = {{ tcp . 1000 : accept, udp . {r.choice(PORTS)} : {r.choice(['drop', 'return', 'continue'])} }}; }}"]
    for hook in ("prerouting", "input", "forward", "output", "postrouting"):
        names = []
        for name in ("c", "b", "a"):  # each jumps only to those before it
            lines += [f"chain {hook}_{name} {{"] + rules(hook, [f"{w} {hook}_{n}" for n in names for w in ("jump", "goto")], 4) + ["}"]
            names.append(name)
        jumps = [f"{w} {hook}_{n}" for n in names for w in ("jump", "goto")]
        for i in range(r.randrange(1, 3) if hook in ("input", "forward") else r.randrange(2)):
            kind = "route" if hook == "output" and r.random() < .2 else "filter"
            lines += [f"chain {hook}{i} {{ type {kind} hook {hook} priority {r.choice([-150, -10, 0, 0, 10])}; policy {r.choice(['accept', 'accept', 'accept', 'drop'])};"]
            lines += rules(hook, jumps, 6) + ["}"]
    if r.random() < .3:
        lines += [f"chain raw {{ type filter hook {r.choice(['prerouting', 'output'])} priority raw; th dport {r.choice(PORTS)} notrack; }}"]
    lines += ["}", "table inet n {"]
    for hook, priority in (("prerouting", "dstnat"), ("output", "-100")):
        lines += [f"chain {hook} {{ type nat hook {hook} priority {priority};"]
        for _ in range(r.randrange(3)):
            n, proto, port = r.choice([NETS[0], NETS[0], NETS[1]]), r.choice(["tcp", "udp"]), r.choice(PORTS)
            to = r.choice(n.targets if hook == "prerouting" else n.servers)
            lines += [f"{n.ip} daddr {r.choice(n.targets)} {proto} dport {port} " + r.choice(["dnat " + n.ip + " to " + n.at(to, r.choice(PORTS)), f"dnat {n.ip} to {to}", "accept", "return"]
                      + ([f"redirect to :{r.choice(PORTS)}"] if hook == "prerouting" else []) +
                      [f"dnat {n.ip} to {proto} dport map {{ {port} : {r.choice(n.servers)}, 9 : {r.choice(n.servers)} }}"]) + ";"]
        lines += ["}"]
    lines += ["chain postrouting { type nat hook postrouting priority srcnat;"]
    for _ in range(r.randrange(3)):
        n = r.choice(NETS)
        lines += [f"{n.ip} saddr {r.choice([n.whole, r.choice(n.clients)])} {r.choice(['', 'oifname wan '])}{r.choice(['masquerade', f'snat {n.ip} to {n.back}', 'return'])};"]
    lines += ["}", "}"]
    if r.random() < .5:
        lines += ["table netdev d { chain in { type filter hook ingress device lan priority 0;"] + \
                 [f"{r.choice(['tcp', 'udp'])} dport {r.choice(PORTS)} {r.choice(['drop', 'accept', 'meta mark set 1'])};" for _ in range(r.randrange(3))] + ["}", "}"]
    return "\n".join(lines)


def xt_rules(r):
    """iptables-nft's, for a table of its own family: chains as above."""
    def match(out):
        port, no, proto = r.choice(PORTS), r.choice(["", "", "! "]), r.choice(["tcp", "udp"])
        n = NETS[0]
        return r.choice([f"-p {proto} {no}--dport {port}", f"-p {proto} -m multiport {no}--dports 1000:1001,{port}", f"{no}-s {r.choice(n.clients)}", f"{no}-s 10.77.0.0/{r.choice([24, 25, 30])}",
                         "-p tcp --syn", "-p tcp ! --syn", "-p tcp --tcp-flags SYN,RST SYN", f"{no}-o wan" if out else f"{no}-i lan", "-o w+" if out else "-i lan+", "-m comment --comment 'words'", "",
                         f"-m conntrack {no}--ctstate {r.choice(['NEW', 'ESTABLISHED,RELATED', 'NEW,INVALID'])}", f"-m addrtype {no}--dst-type LOCAL", "-m conntrack --ctstate DNAT",
                         f"-m addrtype {no}--src-type {r.choice(['LOCAL', 'UNICAST'])}", f"-m mark {no}--mark {r.choice([0, 1, 2])}", f"-m iprange {no}--src-range 10.77.0.2-10.77.0.3", "-p tcp",
                         "-m state --state NEW", f"-m conntrack {no}--ctorigdstport {port}", f"-m connmark {no}--mark 0", "-m limit --limit 100000/second --limit-burst 10000",
                         f"-p {proto} --sport {r.randrange(20000, 60000)}", f"{no}-d {r.choice(n.targets)}", "-m connlimit --connlimit-above 100000", "-m owner --uid-owner 0" if out == 2 else ""])
    lines = ["*filter"] + [f":{c} {r.choice(['ACCEPT', 'ACCEPT', 'DROP'])} [0:0]" for c in ("INPUT", "FORWARD", "OUTPUT")] + [":U1 - [0:0]", ":U2 - [0:0]"]
    for chain, more in (("U2", []), ("U1", ["U2"]), ("INPUT", ["U1", "U2"]), ("FORWARD", ["U1", "U2"]), ("OUTPUT", [])):
        for _ in range(r.randrange(1, 5)):
            target = r.choice(["ACCEPT", "DROP", "RETURN", "REJECT", "REJECT --reject-with icmp-host-prohibited", "LOG", "MARK --set-mark 1" if r.random() < .1 else "ACCEPT"] + more * 2)
            lines += [f"-A {chain} {match(2 if chain == 'OUTPUT' else chain == 'FORWARD' and r.random() < .5)} -{'g' if target in more and r.random() < .3 else 'j'} {target}"]
    lines = [line for line in lines if not ("-A U" in line and (" -i " in line or " -o " in line)) and "MARK" not in line]
    lines += ["COMMIT", "*nat", ":PREROUTING ACCEPT [0:0]"]
    for _ in range(r.randrange(3)):
        lines += [f"-A PREROUTING -p {r.choice(['tcp', 'udp'])} --dport {r.choice(PORTS)} -j " +
                  r.choice([f"DNAT --to-destination {r.choice(NETS[0].targets)}:{r.choice(PORTS)}", f"REDIRECT --to-ports {r.choice(PORTS)}", "RETURN"])]
    lines += [f"-A POSTROUTING -s 10.77.0.0/24 -o wan -j {r.choice(['MASQUERADE', 'SNAT --to-source 10.77.1.1', 'RETURN'])}"]
    lines += ["COMMIT", "*mangle", ":PREROUTING ACCEPT [0:0]"]
    lines += [f"-A PREROUTING {match(False)} -j {r.choice(['MARK --set-xmark 0x1/0xff', 'MARK --set-mark 2', 'ACCEPT', 'CONNMARK --set-mark 1'])}" for _ in range(r.randrange(2))]
    return "\n".join(lines + ["COMMIT", ""])


# Who comes to the end of a hook. Answers have other ports than questions.
SEEN = "table inet seen {\n" + "".join(
    f"set {hook}{v} {{ typeof meta l4proto . {ip} saddr . th sport . {ip} daddr . th dport; size 65535; flags dynamic; }}\n"
    for hook in ("input", "postrouting") for v, ip in ((4, "ip"), (6, "ip6"))) + "".join(
    f"chain {hook} {{ type filter hook {hook} priority 1000; " + " ".join(
        f"meta l4proto {{ tcp, udp }} add @{hook}{v} {{ meta l4proto . {ip} saddr . th sport . {ip} daddr . th dport }};" for v, ip in ((4, "ip"), (6, "ip6"))) + " }\n"
    for hook in ("input", "postrouting")) + "}\n"


def namespace():
    p = subprocess.Popen(["unshare", "-n", "sleep", "10000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(p.kill)
    while os.readlink(f"/proc/{p.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
        pass
    return p.pid, ["nsenter", "-t", str(p.pid), "-n"]


def setup():
    (client, in_client), (server, in_server) = namespace(), namespace()
    for name, value in (("net/ipv4/ip_forward", 1), ("net/ipv6/conf/all/forwarding", 1), ("net/ipv4/conf/all/rp_filter", 0), ("net/ipv4/conf/default/rp_filter", 0)):
        with open(f"/proc/sys/{name}", "w") as f:
            f.write(str(value))
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "lan", "type", "veth", "peer", "name", "eth", "netns", f"/proc/{client}/ns/net")
    run("ip", "link", "add", "wan", "type", "veth", "peer", "name", "eth", "netns", f"/proc/{server}/ns/net")
    for n in NETS:
        nodad = ["nodad"] if n.v6 else []
        for where, dev, addresses in (([], "lan", n.ours), ([], "wan", [n.back]), (in_client, "eth", n.clients), (in_server, "eth", n.servers)):
            for address in addresses:
                run(*where, "ip", "address", "add", f"{address}/{n.length}", "dev", dev, *nodad)
            run(*where, "ip", "link", "set", dev, "up")
        run(*in_client, "ip", "route", "add", "default", "via", n.ours[0])
        run(*in_server, "ip", "route", "add", "default", "via", n.back)
    return in_client


# Packets as lines "PROTO SADDR SPORT DADDR DPORT"; an empty line asks whether all are sent. What TCP has begun is given up then.
SENDER = r"""
import socket, struct, sys
open_ones = []
for line in sys.stdin:
    if not line.strip():
        for s in open_ones:
            s.close()
        open_ones = []
        print("sent", flush=True)
        continue
    proto, saddr, sport, daddr, dport = line.split()
    family = socket.AF_INET6 if ":" in daddr else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if proto == "tcp":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.setblocking(False)
    try:
        s.bind((saddr, int(sport)))
        if proto == "tcp":
            s.connect((daddr, int(dport)))
        else:
            s.sendto(b"x", (daddr, int(dport)))
    except OSError:
        pass
    open_ones.append(s)
"""


def sender(inside):
    p = subprocess.Popen([*inside, sys.executable, "-c", SENDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(p.kill)
    return p


def send(p, packets):
    p.stdin.write("".join(" ".join(map(str, x)) + "\n" for x in packets) + "\n")
    p.stdin.flush()
    p.stdout.readline()


def load(xt):
    """A ruleset; lines that nft or iptables refuse (a conflict of protocols) are left out."""
    lines = (xt_rules(rng) if xt else nft_ruleset(rng)).split("\n")
    run("nft", "flush", "ruleset")
    for _ in range(200):
        done = subprocess.run(["iptables-nft-restore"] if xt else ["nft", "-f", "-"], input="\n".join(lines), text=True, capture_output=True)
        if not done.returncode:
            run("nft", "-f", "-", input=SEEN)
            return "\n".join(lines)
        at = re.search(r"stdin:(\d+):|line:? (\d+)", done.stderr)
        if not at:
            break
        if os.environ.get("SHOW_REFUSED"):
            print("refused:", done.stderr.split("\n")[0], lines[int(at[1] or at[2]) - 1])
        del lines[int(at[1] or at[2]) - 1]
    sys.exit("no ruleset could be loaded: " + done.stderr + "\n".join(lines))


def passed():
    """The packets that came to an end of a hook, as (hook, proto, saddr, sport, daddr, dport)."""
    found = set()
    for item in json.loads(run("nft", "-j", "list", "table", "inet", "seen"))["nftables"]:
        for elem in item.get("set", {}).get("elem", []):
            elem = elem.get("elem", {}).get("val", elem)
            proto, saddr, sport, daddr, dport = elem["concat"]
            found.add((item["set"]["name"][:-1], {6: "tcp", 17: "udp"}.get(proto, proto), saddr, sport, daddr, dport))
    return found


def draw(serial):
    n, proto, port, sport = rng.choice([NETS[0], NETS[0], NETS[1]]), rng.choice(["tcp", "udp"]), rng.choice(PORTS), 20000 + serial % 40000
    if rng.random() < .25:  # sent by us
        return "output,postrouting", "", (proto, n.back, sport, rng.choice(n.servers), port)
    return "ingress,prerouting,route", "iif=lan ", (proto, rng.choice(n.clients), sport, rng.choice(n.targets), port)


def where(said):
    """What weigh says of a packet that passes: at which hook it comes to an end, and as what."""
    src, dst = said.split("packet=")[1].split()[0].split(">")
    return said.split(" at=")[1].split()[0], *src.rsplit(":", 1), *dst.rsplit(":", 1)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends, too
    ns = os.readlink("/proc/self/ns/net")[5:-1]
    client, us = sender(setup()), sender([])
    snapshot, serial = tempfile.mktemp(), 0
    atexit.register(lambda: os.path.exists(snapshot) and os.unlink(snapshot))
    counts = dict(packets=0, passed=0, translated=0, differences=0, unknown=0)
    for n in NETS:  # neighbours are known from then on
        send(client, [("udp", a, 9, b, 9) for a in n.clients for b in n.targets])
        send(us, [("udp", n.back, 9, b, 9) for b in n.servers] + [("udp", n.ours[0], 9, b, 9) for b in n.clients])
    time.sleep(.1)
    for i in range(rounds):
        rules = load(i % 3 == 2)
        run(nsnet, "--save", snapshot, f"net:[{ns}]")
        drawn = [draw(serial + k) for k in range(PER_ROUND)]
        serial += PER_ROUND
        asked = "".join(f"hook={hooks} {dev}oif=wan uid=0 proto={p[0]} saddr={p[1]} sport={p[2]} daddr={p[3]} dport={p[4]}\n" for hooks, dev, p in drawn)
        said = run(weigh, snapshot, ns, input=asked).splitlines()
        send(client, [p for hooks, _, p in drawn if hooks[0] == "i"])
        send(us, [p for hooks, _, p in drawn if hooks[0] == "o"])
        time.sleep(.01)
        real = {(x[1], x[3]): x for x in sorted(passed())}
        for (_, _, p), words in zip(drawn, said):
            counts["packets"] += 1
            came = real.get((p[0], p[2]))
            if words.startswith("stolen") and came and came[0] == "postrouting":
                came = None  # when it has made the client's connection, the proxy itself makes the server's
            verdict, (hook, saddr, sport, daddr, dport) = words.split()[0], where(words)
            counts["passed"] += came is not None
            counts["translated"] += came is not None and came[2:] != p[1:]
            if verdict == "unknown":
                counts["unknown"] += 1
                print("unknown:", p, words, "really:", came, rules, sep="\n")
            elif ((hook, p[0], saddr, int(sport), daddr, int(dport)) if verdict == "accept" else None) != came:
                counts["differences"] += 1
                print("DIFFERENT:", p, words, f"really: {came}", rules, sep="\n")
        if counts["differences"] > 3 or counts["unknown"] > 3:
            break
    print(f"seed {seed}: {counts}")
    sys.exit(counts["differences"] > 0 or counts["unknown"] > 0 or counts["packets"] < rounds * PER_ROUND or
             not 0 < counts["translated"] < counts["passed"] < counts["packets"])


main()
