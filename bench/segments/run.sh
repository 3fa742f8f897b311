# One segment of a load, in its pod. The bench brings the plan, then the moment of the start (Unix time, ms).
cd "$HOME" || exit 1
used() { cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null | grep -E '^([0-9]+|usage_usec [0-9]+)$'; }
trap 'exit 143' TERM
until [ -s start ]; do sleep 0.1; done
start=$(cat start)
index=$JOB_COMPLETION_INDEX
# shellcheck disable=SC2086 # FLAGS are words
k6 run $FLAGS --execution-segment="$index/$COUNT:$((index + 1))/$COUNT" --execution-segment-sequence="$SEQUENCE" \
  --console-output=/dev/fd/3 --env PLAN="$HOME/plan.json" --env START="$start" loadtest.js 3>&1 >log 2>&1 &
k6=$!
trap 'kill $k6' TERM
until [ "$(date +%s)" -ge $((start / 1000)) ] || ! kill -0 $k6 2>/dev/null; do sleep 0.2; done
before=$(used)
wait $k6
code=$?
while kill -0 $k6 2>/dev/null; do
  wait $k6
  code=$?
done
printf '%s\n%s\n%s\n' "$before" "$(used)" "$(grep . log | tail -n 3)" >"${TOLD:-/dev/termination-log}"
exit $code
