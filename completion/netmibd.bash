# Completion of netmibd(8) for bash; netmibd.conf(5) is found by what -c completes: any file.

_netmibd() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=
	local options="--standalone --socket --foreground --config --no-default-config --log
		--debug --pidfile --user --status-socket --status --json --check --version --help
		-s -x -f -c -C -L -D -p -u -S -V -h"

	# "=" is a word of its own there
	if [ "$word" = = ]; then
		word=
	elif [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD-2]}
	fi
	case $before in
	-x | --socket | -c | --config | -p | --pidfile | -S | --status-socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		compopt -o filenames 2>/dev/null
		return
		;;
	-u | --user)
		mapfile -t COMPREPLY < <(compgen -u -- "$word")
		return
		;;
	-D | --debug) words="netlink mirror stats follow" ;;
	-L | --log) words="e o n f s sd su sl0" ;;
	--standalone | --check) words="udp:127.0.0.1:161 udp:161 udp6:[::1]:161" ;;
	*) words=$options ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _netmibd netmibd
