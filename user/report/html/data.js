// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// What the page holds, unpacked: runs, their lanes, sums over any span of time. docs/html.md tells the format.

const MIXTURE = 31, RUNNABLE = 20, BLOCKED = 21, IDLE = 22, CODES = 23;
const BLOCK = 32; // items between two prefix sums
const states = []; // by code: key, words

function nameStates(times) {
  const add = (code, key, words) => { states[code] = { code, key, words }; };
  const told = {
    preempted: 'the scheduler took the CPU away', yielded: 'gave the CPU up itself', woken: 'woken, not yet on a CPU',
    created: 'new, not yet on a CPU', lock: 'waits for a lock', sleep: 'waits for a timer', socket: 'waits for a socket',
    pipe: 'waits for a pipe or terminal', event_wait: 'waits for events', disk: 'waits for the disk', fault: 'waits for a page fault',
    child: 'waits for a child', signal: 'waits for a signal', stopped: 'stopped', other: 'waits for something else',
  };
  add(0, 'unknown', 'not known');
  add(1, 'running', 'on a CPU');
  Object.keys(times.runnable).forEach((key, i) => add(3 + i, key, told[key] || key));
  Object.keys(times.blocked).forEach((key, i) => add(7 + i, key, told[key] || key));
  add(RUNNABLE, 'runnable', 'waits for a CPU');
  add(BLOCKED, 'blocked', 'blocked');
  add(IDLE, 'idle', 'idle, or not ours');
}

const isRunnable = (code) => (code >= 3 && code <= 6) || code === RUNNABLE;
const isBlocked = (code) => (code >= 7 && code <= 17) || code === BLOCKED;

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

class Reader {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  byte() { return this.bytes[this.at++]; }
  number() {
    const { bytes } = this;
    let byte = bytes[this.at++], value = byte & 127, scale = 128;
    while (byte > 127) {
      byte = bytes[this.at++];
      value += (byte & 127) * scale;
      scale *= 128;
    }
    return value;
  }
  pairs() {
    const all = [];
    for (let left = this.number(); left > 0; left--) all.push([this.number(), this.number()]);
    return all;
  }
}

// A row of items that follow one another without a gap; each has a state, or is a mixture.
class Lane {
  constructor(start, count) {
    this.start = start;
    this.count = count;
    this.ends = new Float64Array(count);
    this.state = new Uint8Array(count);
    this.place = new Uint16Array(count); // the CPU; the system call's place + 1
    this.other = new Uint32Array(count); // the other thread's place + 1
    this.wake = new Uint8Array(count);
    this.mixed = new Map(); // by item: { count, sums, cpus }
    this.blocks = new Float64Array((Math.floor(count / BLOCK) + 1) * CODES); // sums of all before
  }
  get end() { return this.count ? this.ends[this.count - 1] : this.start; }
  from(i) { return i ? this.ends[i - 1] : this.start; }

  // The item at time t: the first that ends behind it.
  find(t) {
    let low = 0, high = this.count;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.ends[mid] > t) high = mid; else low = mid + 1;
    }
    return low;
  }

  addItem(i, share, to) {
    const mix = this.state[i] === MIXTURE && this.mixed.get(i);
    if (mix) for (const [code, ns] of mix.sums) to[code] += ns * share;
    else to[this.state[i]] += (this.ends[i] - this.from(i)) * share;
  }

  index() {
    const { blocks, ends, state, mixed } = this, sums = new Float64Array(CODES);
    let from = this.start;
    for (let i = 0; i < this.count; i++) {
      if (i % BLOCK === 0) blocks.set(sums, i / BLOCK * CODES);
      if (state[i] === MIXTURE) for (const [code, ns] of mixed.get(i).sums) sums[code] += ns;
      else sums[state[i]] += ends[i] - from;
      from = ends[i];
    }
    if (this.count % BLOCK === 0) blocks.set(sums, this.count / BLOCK * CODES);
  }

  // Adds the items a..b-1, whole, to the sums by state.
  addItems(a, b, to) {
    const first = Math.ceil(a / BLOCK), last = Math.floor(b / BLOCK);
    if (first >= last) {
      for (let i = a; i < b; i++) this.addItem(i, 1, to);
      return;
    }
    for (let i = a; i < first * BLOCK; i++) this.addItem(i, 1, to);
    for (let c = 0; c < CODES; c++) to[c] += this.blocks[last * CODES + c] - this.blocks[first * CODES + c];
    for (let i = last * BLOCK; i < b; i++) this.addItem(i, 1, to);
  }

  // Adds the time between t0 and t1 to the sums by state; a and b: the items at t0 and t1.
  addSpan(t0, t1, to, a = this.find(t0), b = this.find(t1)) {
    const part = (i, from, until) => {
      const start = this.from(i), length = this.ends[i] - start;
      const ns = Math.min(until, this.ends[i]) - Math.max(from, start);
      if (ns > 0) this.addItem(i, ns / length, to);
    };
    if (a >= this.count) return;
    if (a === b) { part(a, t0, t1); return; }
    part(a, t0, t1);
    this.addItems(a + 1, b, to);
    if (b < this.count) part(b, t0, t1);
  }

  sums() {
    const to = new Float64Array(CODES);
    this.addItems(0, this.count, to);
    return to;
  }
}

function readLane(reader, run, thread) {
  const count = reader.number(), start = reader.number(), length = reader.number();
  const lane = new Lane(start, count), until = reader.at + length, { ends, place, wake: ended } = lane;
  let t = start, cpu = 0, call = 0, other = 0, taker = 0, wake = 0;
  for (let i = 0; i < count; i++) {
    const head = reader.byte(), state = head & 31;
    t += reader.number();
    ends[i] = t;
    lane.state[i] = state;
    if (state === MIXTURE) {
      lane.mixed.set(i, { count: reader.number(), sums: reader.pairs(), cpus: reader.pairs() });
      continue;
    }
    const blocked = state >= 7;
    if (head & 32) { if (blocked) call = reader.number(); else cpu = reader.number(); }
    if (head & 64) { if (blocked) other = reader.number(); else taker = reader.number(); }
    if (head & 128) wake = reader.byte();
    place[i] = blocked ? call : state === 1 ? cpu : 0;
    lane.other[i] = blocked ? other : state === 3 ? taker : 0;
    ended[i] = blocked ? wake : 0;
  }
  if (reader.at !== until) throw new Error('a lane is damaged');
  lane.run = run;
  lane.thread = thread;
  lane.label = `${thread.comm || '?'} ${thread.tid}`;
  lane.index();
  return lane;
}

function unpackRun(label, report, about, base64) {
  const run = { label, report, about, lanes: [], cpus: [], wall: report.wall_ns };
  const reader = new Reader(bytesOf(base64));
  for (const thread of report.threads) run.lanes.push(readLane(reader, run, thread));
  return run;
}

// How many ran, and waited for a CPU, at once: in equal slices of the run.
function slicesOf(run, cnt) {
  const width = Math.max(run.wall, 1) / cnt, slices = { width, running: new Float64Array(cnt), runnable: new Float64Array(cnt) };
  const sums = new Float64Array(CODES);
  for (const lane of run.lanes) {
    let a = 0;
    for (let k = Math.floor(lane.start / width); k < cnt && a < lane.count; k++) {
      sums.fill(0);
      let b = a;
      const until = (k + 1) * width;
      while (b < lane.count && lane.ends[b] <= until && b < a + 64) b++;
      if (b === a + 64) b = lane.find(until);
      lane.addSpan(k * width, until, sums, a, b);
      a = b;
      slices.running[k] += sums[1] / width;
      for (let c = 3; c <= 6; c++) slices.runnable[k] += sums[c] / width;
      slices.runnable[k] += sums[RUNNABLE] / width;
    }
  }
  return slices;
}

// CPU lanes: who ran there. Of mixtures only how much is known, so those are put into slices.
function cpuLanes(run) {
  if (run.about.coarse) return [];
  const stretches = run.about.fold_ns ? null : cpuStretches(run);
  return run.report.cpus.map(({ cpu }) => {
    const lane = stretches ? cpuLane(run, cpu, stretches.get(cpu) || []) : cpuSlices(run, cpu);
    Object.assign(lane, { run, cpu, label: `CPU ${cpu}` });
    lane.index();
    return lane;
  });
}

// By CPU: who ran there, from when to when; and the order of time.
function cpuStretches(run) {
  const found = new Map();
  run.lanes.forEach((lane, place) => {
    for (let i = 0; i < lane.count; i++) {
      if (lane.state[i] !== 1) continue;
      let list = found.get(lane.place[i]);
      if (!list) found.set(lane.place[i], list = { from: [], to: [], other: [] });
      list.from.push(lane.from(i));
      list.to.push(lane.ends[i]);
      list.other.push(place + 1);
    }
  });
  for (const list of found.values()) list.order = Uint32Array.from(list.from.keys()).sort((a, b) => list.from[a] - list.from[b]);
  return found;
}

function cpuLane(run, cpu, { from = [], to = [], other = [], order = [] }) {
  const made = new Lane(0, 2 * from.length + 1);
  let t = 0, cnt = 0;
  const put = (end, state, who) => { made.ends[cnt] = end; made.state[cnt] = state; made.other[cnt] = who; made.place[cnt] = cpu; cnt++; t = end; };
  for (const i of order) {
    if (from[i] > t) put(from[i], IDLE, 0);
    if (to[i] > t) put(to[i], 1, other[i]);
  }
  if (t < run.wall) put(run.wall, IDLE, 0);
  made.count = cnt;
  return made;
}

function cpuSlices(run, cpu) {
  const cnt = 2048, width = run.wall / cnt, busy = new Float64Array(cnt);
  const spread = (from, to, ns) => {
    for (let k = Math.floor(from / width); k < cnt && k * width < to; k++)
      busy[k] += ns * (Math.min(to, (k + 1) * width) - Math.max(from, k * width)) / (to - from);
  };
  for (const lane of run.lanes) {
    for (let i = 0; i < lane.count; i++) {
      if (lane.state[i] === 1 && lane.place[i] === cpu) spread(lane.from(i), lane.ends[i], lane.ends[i] - lane.from(i));
      const mix = lane.state[i] === MIXTURE && lane.mixed.get(i).cpus.find(([name]) => name === cpu);
      if (mix) spread(lane.from(i), lane.ends[i], mix[1]);
    }
  }
  const made = new Lane(0, cnt);
  busy.forEach((ns, k) => {
    made.ends[k] = (k + 1) * width;
    made.state[k] = MIXTURE;
    made.mixed.set(k, { count: 0, sums: [[1, ns], [IDLE, Math.max(0, width - ns)]], cpus: [] });
  });
  return made;
}

// By waking thread's place: the wakeups it made, in the order of time.
function wakesOf(run) {
  if (run.wakes) return run.wakes;
  run.wakes = run.lanes.map(() => []);
  run.lanes.forEach((lane, woken) => {
    for (let i = 0; i < lane.count; i++)
      if (lane.state[i] >= 7 && lane.state[i] <= 17 && lane.other[i]) run.wakes[lane.other[i] - 1].push({ t: lane.ends[i], woken });
  });
  for (const list of run.wakes) list.sort((a, b) => a.t - b.t);
  return run.wakes;
}

// The critical path's steps, each with its lane.
function pathOf(run) {
  const byTid = new Map();
  for (const lane of run.lanes) {
    const list = byTid.get(lane.thread.tid) || [];
    list.push(lane);
    byTid.set(lane.thread.tid, list);
  }
  return (run.report.critical_path || []).map((step) => {
    const lanes = byTid.get(step.tid) || [];
    const lane = lanes.find((l) => l.thread.start_ns <= step.start_ns && l.thread.end_ns >= step.start_ns) || lanes[0];
    return { start: step.start_ns, end: step.end_ns, lane, state: step.state, cause: step.cause };
  }).filter((step) => step.lane);
}

function loadRuns() {
  const json = (name) => [...document.getElementsByClassName(name)].map((e) => JSON.parse(e.textContent));
  const abouts = json('about'), lanes = [...document.getElementsByClassName('lanes')].map((e) => e.textContent);
  const comparison = json('comparison')[0] || null;
  const reports = comparison ? comparison.runs.filter((r) => r.report).map((r) => [r.label, r.report]) : [['', json('report')[0]]];
  if (reports.length) nameStates(reports[0][1].summary);
  const runs = reports.map(([label, report], i) => unpackRun(label, report, abouts[i], lanes[i]));
  for (const run of runs) run.path = pathOf(run);
  return { comparison, runs };
}
