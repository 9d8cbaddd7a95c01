#!/bin/sh
# For cron: reports who has access to what, and what changed since the last run.
#
#   review.sh [FOLDER]
#
#   access.csv, access.md, access.html   the reports
#   access.json                          the data for the next run to compare with
#   timeline.csv                         a line for each change; lines are only added
#
# The default folder is this one. The script replaces the files only if it could
# write all of them, so a run that fails leaves those of the last successful run.
set -eu

folder=${1:-.}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")"
work=$(mktemp -d "$folder/.review.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	cat "$work/log" >&2
	echo "review.sh: $1; the reports are those of the last run that succeeded" >&2
	exit 1
}

# Continue if init fails: the registry may be out of reach, or the provider may be
# in dev_overrides, which init does not know.
failed="terraform apply failed"
if ! terraform init -input=false -no-color > "$work/init" 2>&1; then
	failed="terraform init and terraform apply failed (a provider that is in no registry needs a filesystem_mirror)"
fi
# This changes only the outputs. Use a key with the role Organization owner.
terraform apply -auto-approve -input=false -no-color \
	-var "generated_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)" -var "before=$folder/access.json" \
	> "$work/apply" 2>&1 || {
	cat "$work/init" "$work/apply" > "$work/log"
	fail "$failed"
}
# Print the warnings, because they say what the reports do not show.
awk '/^Apply complete!/ { exit } /^(Warning: |╷)/ { found = 1 } found' "$work/apply" >&2

write() {
	terraform output -no-color -raw "$1" > "$work/$2" 2> "$work/log" ||
		fail "the output $1 could not be read"
}
write csv access.csv
write markdown access.md
write html access.html
write rows access.json
write timeline changes

if [ -s "$work/changes" ]; then
	if [ -f "$folder/timeline.csv" ]; then
		cat "$folder/timeline.csv" "$work/changes" > "$work/timeline.csv"
	else
		{ echo "time,change" && cat "$work/changes"; } > "$work/timeline.csv"
	fi
	cat "$work/changes"
	# Before access.json: if the run is killed between the two, the next run adds its
	# changes a second time, instead of never.
	mv "$work/timeline.csv" "$folder/timeline.csv"
fi
for file in access.csv access.md access.html access.json; do
	mv "$work/$file" "$folder/$file"
done
