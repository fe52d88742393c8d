# A terminal for shell tests: a tmux server of its own, looked at by polling.
# shellcheck shell=sh disable=SC2154,SC2016,SC2119,SC2120 # what is quoted is for other shells

tmux_do()
{
	tmux -u -f /dev/null -S "$tmp/tmux" "$@"
}

# tmux_start COMMAND…: in a window of 80x24
tmux_start()
{
	tmux_do new-session -d -x 80 -y 24 "$@"
	tmux_do set-option -g remain-on-exit on >/dev/null
}

tmux_stop()
{
	tmux_do kill-server 2>/dev/null
}

# Keys by tmux's names, or text.
tmux_keys()
{
	tmux_do send-keys "$@"
}

tmux_screen()
{
	tmux_do capture-pane -p "$@"
}

# tmux_wait PATTERN [SECONDS]: until the screen shows it; fails after that time
tmux_wait()
{
	timeout "${2:-60}" sh -c '
		until tmux -u -S "$1" capture-pane -p | grep -q -e "$2"; do sleep 0.1; done
	' sh "$tmp/tmux" "$1"
}

# sees NAME PATTERN [SECONDS]
sees()
{
	if tmux_wait "$2" "${3:-60}"; then
		ok "$1"
	else
		tmux_screen >"$tmp/seen" 2>&1
		not_ok "$1" "$tmp/seen"
	fi
}
