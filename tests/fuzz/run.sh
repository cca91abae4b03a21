#!/bin/sh
# run.sh TARGET: feeds a fuzz target for FUZZ_SECONDS, from its corpus and from what earlier
# runs have found. What is bad is kept beside the target, and the end of its log shown.
set -u
cd "$(dirname "$0")/../.." || exit 1
target=$1
name=$(basename "$target")
folder=$(dirname "$target")

mkdir -p "$folder/found/$name"
"$target" -max_total_time="${FUZZ_SECONDS:-30}" -timeout=5 -rss_limit_mb=1024 \
	-artifact_prefix="$folder/$name-" -print_final_stats=1 \
	"$folder/found/$name" "tests/fuzz/corpus/$name" >"$folder/$name.log" 2>&1 || {
	tail -40 "$folder/$name.log"
	exit 1
}
echo "fuzz: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' \
	"$folder/$name.log") inputs, none bad"
