// k6's half of a load: send each request when its turn has come, write one line for each answer.
//
// k6 has no executor for Poisson arrivals. `shared-iterations` numbers the iterations over all VUs, so the VU that
// is free next takes the next arrival of a schedule made beforehand and sleeps until it is due. No arrival is skipped;
// one for which no VU was free leaves late, which its line shows.
//
// A line costs a fraction of k6's own JSON or CSV output, which writes a dozen metrics for each request.
// An answer that is to be judged by its content has its body at the end of its line, and is read elsewhere: k6 keeps
// no other body.
// Times are milliseconds since the test's start: the only clock of k6 that is monotonic and finer than 1 ms. Where
// several generators share a load by `--execution-segment`, each takes its part of the same iterations, and their times
// are since one moment of the wall clock, START.

import http from 'k6/http';
import exec from 'k6/execution';
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';

const plan = JSON.parse(open(__ENV.PLAN));
const { urls, rotate, most_bodies } = plan;
const arrivals = new SharedArray('arrivals', () => JSON.parse(open(plan.arrivals)));
const early = Math.max(0, Number(__ENV.START || 0) - Date.now()) / 1000; // s, until the common time begins
const bodies = plan.bodies.map((path) => open(path, 'b'));

const scenarios = {
  scheduled: {
    executor: 'shared-iterations',
    exec: 'scheduled',
    vus: plan.connections,
    iterations: arrivals.length,
    maxDuration: `${Math.ceil(early + plan.seconds + plan.grace_seconds)}s`,
    gracefulStop: '0s',
  },
  users: {
    executor: 'constant-vus',
    exec: 'user',
    vus: plan.connections,
    duration: `${plan.seconds}s`,
    gracefulStop: `${plan.grace_seconds}s`,
  },
};

export const options = {
  scenarios: { [plan.kind]: scenarios[plan.kind] },
  discardResponseBodies: true,
  hosts: plan.hosts,
  batch: 1, // also how many idle connections a VU may keep: one
  systemTags: [],
};

const kept = { headers: plan.headers, timeout: plan.timeout };
const closed = { ...kept, headers: { ...plan.headers, Connection: 'close' } };
const read = { responseType: 'text' };
const requests = [kept, closed, { ...kept, ...read }, { ...closed, ...read }];
const MOST_BODY = 4096; // characters; a prediction has some hundred

// Go's timers fire up to 1 ms late, so aim that much early. Watching the clock instead would keep Go from
// reading answers meanwhile (seen: p95 wrong by 2 ms at 300 requests/s).
const TIMER_MILLIS = 1;
const MOST_LATE_MILLIS = 500; // of the second that a load leads with
let asked = 0;
let opened = null;
let renewed = 0;

// Made once a VU: each access to `exec.instance` builds an object anew, a seventh of k6's CPU.
let instance;
let scenario;

function now() {
  instance = instance || exec.instance;
  return instance.currentTestRunDuration;
}

// How much later than this generator's own time the common time begins. Date.now() has whole milliseconds only: it is
// read just when it changes.
export function setup() {
  if (!__ENV.START) return 0;
  const before = Date.now();
  while (Date.now() === before);
  const later = now() + Number(__ENV.START) - Date.now();
  if (later < -MOST_LATE_MILLIS) throw new Error(`ready ${-later} ms after the start of the load`);
  return later;
}

function number() {
  scenario = scenario || exec.scenario;
  return scenario.iterationInTest;
}

// One whole number, as `packed` in bench/load/plan.py makes it: an array would be made anew and frozen at each access.
function arrival(index) {
  const code = arrivals[index];
  const checked = code % 2;
  const rest = (code - checked) / 2;
  const photo = rest % most_bodies;
  return { due: (rest - photo) / most_bodies / 1000, photo, checked };
}

export function scheduled(later) {
  const index = number();
  const { due, photo, checked } = arrival(index);
  const taken = now() - later;
  const rest = due - TIMER_MILLIS - taken;
  if (rest > 0) sleep(rest / 1000);
  ask(index, due, taken, photo, checked, later);
}

export function user() {
  const index = number();
  const start = now();
  const { photo, checked } = arrival(index % arrivals.length);
  ask(index, start, start, photo, checked, 0);
  sleep(plan.think_seconds);
}

function ask(index, due, taken, photo, checked, later) {
  const sent = now() - later;
  const url = urls[renewed % urls.length];
  const answer = http.post(url, bodies[photo], requests[2 * checked + (isLast(sent) ? 1 : 0)]);
  const ended = now() - later;
  const times = `${due.toFixed(3)},${taken.toFixed(3)},${sent.toFixed(3)},${ended.toFixed(3)}`;
  const body = checked && answer.status === 200 ? `,${JSON.stringify((answer.body || '').slice(0, MOST_BODY))}` : '';
  console.log(`${index},${times},${answer.status},${photo}${body}`);
}

// Whether this VU's connection ends with the request sent now: it has carried its share, or has grown old.
// Not every server closes it when asked to, so the next request also goes to another name of the same server: a VU
// keeps one idle connection, and so closes that to the former name.
function isLast(sent) {
  if (rotate === 0) return false;
  asked += 1;
  opened = opened === null ? sent : opened;
  if (asked < rotate && sent - opened < plan.rotate_seconds * 1000) return false;
  asked = 0;
  opened = null;
  renewed += 1;
  return true;
}
