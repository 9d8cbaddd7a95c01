#!/bin/sh
# For cron: plans the configuration in a folder, and sends one message when
# somebody changed access by hand, when that changes, and when it is gone.
#
#   drift.sh FOLDER
#
#   PLANSUMMARY    the program plansummary; left out, the one on the PATH
#   DRIFT_NOTIFY   command that gets the message on standard input and its subject in $DRIFT_SUBJECT, such as
#                  'mail -s "$DRIFT_SUBJECT" admins@example.com'; left out, the message is printed
#   DRIFT_REPORTED file that keeps what was sent last; left out, drift.reported in the folder
#
# Ends with 0 if there is no drift, with 2 if there is, and with 1 if that could not
# be found out, or not be sent. An API key that may not see everyone cannot find it out.
set -eu

# Nothing that fails on the way may end this with 2, which is drift.
ends=1
work=
trap 'rm -rf "$work"; exit "$ends"' EXIT
trap 'exit 1' HUP INT TERM

if [ $# -ne 1 ]; then
	echo "Usage: drift.sh FOLDER" >&2
	exit 1
fi
plansummary=${PLANSUMMARY:-plansummary}
case $plansummary in
/*) ;;
*/*) plansummary=$PWD/$plansummary ;;
esac
if ! command -v "$plansummary" > /dev/null; then
	echo "drift.sh: there is no $plansummary, so nobody knows whether there is drift." \
		"Install it with: sh plansummary.sh -install /usr/local/bin. Or name the program in PLANSUMMARY." >&2
	exit 1
fi

cd "$1"
reported=${DRIFT_REPORTED:-drift.reported}
work=$(mktemp -d)

fail() {
	cat "$work/log" >&2
	echo "drift.sh: $1, so nobody knows whether there is drift" >&2
	exit 1
}

# errors prints the errors of the plan's events as text. What else it cannot read it prints as it is.
errors() {
	sed -e '/^{/{' -e '/"@level":"error"/!d' \
		-e 's/.*"severity":"error","summary":"\([^"\\]*\(\\.[^"\\]*\)*\)","detail":"\([^"\\]*\(\\.[^"\\]*\)*\)".*/Error: \1\\n\\n\3/' \
		-e 's/\\n/\
/g' -e 's/\\"/"/g' -e 's/\\u003c/</g' -e 's/\\u003e/>/g' -e 's/\\u0026/\&/g' -e '}' "$work/plan.jsonl"
}

# What init cannot do need not keep the plan from working: the registry may be out
# of reach, or the provider come from dev_overrides, which init does not know.
failed="terraform plan failed"
if ! terraform init -input=false -no-color > "$work/init" 2>&1; then
	failed="terraform init and terraform plan failed"
fi
status=0
# A plan that only looks needs no lock, and does not keep an apply waiting.
terraform plan -input=false -lock=false -json -detailed-exitcode -out="$work/plan.out" > "$work/plan.jsonl" 2> "$work/told" || status=$?
case $status in
0 | 2) ;;
*)
	{ cat "$work/init" "$work/told" && errors; } > "$work/log"
	fail "$failed"
	;;
esac
summarized=0
{
	terraform show -json "$work/plan.out" > "$work/plan.json" &&
		"$plansummary" -drift -fail-on unclear -events "$work/plan.jsonl" "$work/plan.json" > "$work/message"
} 2> "$work/log" || summarized=$?
case $status-$summarized in
0-0)
	subject="No drift"
	echo "The organization is as the configuration says." > "$work/message"
	;;
0-3)
	cp "$work/message" "$work/log"
	fail "the plan does not show everything"
	;;
2-0 | 2-3) subject="Drift, or a change that is not applied yet" ;;
*) fail "the plan could not be summarized" ;;
esac

if ! cmp -s "$work/message" "$reported"; then
	if [ -n "${DRIFT_NOTIFY:-}" ]; then
		DRIFT_SUBJECT=$subject sh -c "$DRIFT_NOTIFY" < "$work/message" || {
			echo "drift.sh: DRIFT_NOTIFY failed; the next run sends the message again" >&2
			exit 1
		}
	else
		echo "$subject"
		cat "$work/message"
	fi
	# Only now: what could not be sent is sent again by the next run.
	cp "$work/message" "$reported"
fi
ends=$status
