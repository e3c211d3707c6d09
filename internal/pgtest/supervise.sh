# Runs one throw-away server until standard input ends, which it does when the
# test process is gone, and leaves nothing behind. Arguments: the folder of the
# binaries, the folder of the server (with the files password and settings).
# Answers each command with one line: ok, or what went wrong.
bin=$1 root=$2
trap '' INT HUP TERM QUIT PIPE

up() {
	"$bin/pg_ctl" start -D "$root/data" -l "$root/log" -t 60 -w -s >>"$root/log" 2>&1
}

report() {
	if "$@"; then echo ok; else tail -n 12 "$root/log" | tr '\n' ' '; echo; fi
}

create() {
	"$bin/initdb" -D "$root/data" -U souk -A md5 --pwfile="$root/password" \
		-E UTF8 --no-locale -N >>"$root/log" 2>&1 &&
		cat "$root/settings" >>"$root/data/postgresql.conf" && up
}

crash() {
	read -r pid <"$root/data/postmaster.pid" || return 1
	pids="$pid $(pgrep -P "$pid" 2>/dev/null | tr '\n' ' ')"
	kill -9 "$pid" || return 1
	for p in $pids; do
		while kill -0 "$p" 2>/dev/null; do sleep 0.02; done
	done
}

report create
while read -r command; do
	case $command in
	crash) report crash ;;
	start) report up ;;
	esac
done
"$bin/pg_ctl" stop -D "$root/data" -m immediate -t 30 -w -s >/dev/null 2>&1
rm -rf "$root"
