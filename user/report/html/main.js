// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// Puts the page together, and listens.

function detailsOf(timeline) {
  const { selected, span } = timeline;
  if (span) return [spanTable(timeline.runs, span)];
  if (selected) return describe(selected.lane, selected.item, timeline.showPath).map((line) => make('p', line));
  return [make('p', 'Select a stretch to be told of it and of who woke it; drag to sum up a span of time.')];
}

// ---- the overview ----

function drawOverview(timeline) {
  const canvas = $('overview'), width = canvas.clientWidth, h = 56, g = prepare(canvas, width, h);
  const most = Math.max(1, ...timeline.runs.map((run) => Math.max(...run.slices.running.map((v, k) => v + run.slices.runnable[k]))));
  const strip = h / timeline.runs.length;
  timeline.runs.forEach((run, r) => {
    const { running, runnable } = run.slices, cnt = running.length, w = width * run.wall / timeline.wall / cnt, floor = strip * (r + 1);
    for (let k = 0; k < cnt; k++) {
      const a = running[k] / most * (strip - 4), b = runnable[k] / most * (strip - 4);
      g.fillStyle = inks[1].css;
      g.fillRect(k * w, floor - a, w + 0.5, a);
      g.fillStyle = inks[RUNNABLE].css;
      g.fillRect(k * w, floor - a - b, w + 0.5, b);
    }
    g.fillStyle = colours.line;
    g.fillRect(0, floor - 1, width, 1);
    if (run.report.host.cpus <= most) {
      g.fillStyle = colours.text;
      for (let x = 0; x < width; x += 8) g.fillRect(x, floor - run.report.host.cpus / most * (strip - 4) - 1, 4, 1);
    }
  });
  const a = timeline.t0 / timeline.wall * width, b = timeline.t1 / timeline.wall * width;
  g.strokeStyle = colours.focus;
  g.lineWidth = 2;
  g.strokeRect(a + 1, 1, Math.max(2, b - a - 2), h - 2);
  const words = `How many threads were on a CPU (${duration(timeline.t0)} to ${duration(timeline.t1)} is shown below), and on top of it how many waited for one; at most ${ratio(most)}. The dashed line: the CPUs there are.`;
  canvas.setAttribute('aria-label', words);
  $('overview-words').textContent = words;
}

// ---- what the keyboard does ----

function stepItem(timeline, by) {
  const row = timeline.rows[timeline.current], lane = row && row.lane;
  if (!lane || !lane.count) return;
  const at = timeline.selected && timeline.selected.lane === lane ? timeline.selected.item + by : lane.find(Math.max(timeline.t0, lane.start));
  timeline.visit({ lane, item: Math.min(lane.count - 1, Math.max(0, at)) });
}

function stepRow(timeline, by) {
  let at = timeline.current + by;
  while (timeline.rows[at] && !timeline.rows[at].lane) at += by;
  if (!timeline.rows[at]) return;
  const { lane } = timeline.rows[at], t = timeline.selected ? timeline.selected.lane.from(timeline.selected.item) : timeline.t0;
  timeline.current = at;
  timeline.span = null;
  if (lane.count) timeline.select({ lane, item: Math.min(lane.count - 1, lane.find(Math.max(t, lane.start))) });
  else timeline.reveal(timeline.rows[at]);
}

function toPartner(timeline) {
  const { selected } = timeline, other = selected && selected.lane.run.lanes[selected.lane.other[selected.item] - 1];
  if (!other || !other.count) return;
  const ended = isBlocked(selected.lane.state[selected.item]);
  const t = ended ? selected.lane.ends[selected.item] : selected.lane.from(selected.item);
  timeline.visit({ lane: other, item: Math.min(other.count - 1, other.find(t - (ended ? 1 : 0))) });
}

function zoomToSelected(timeline) {
  const { selected, span } = timeline;
  if (span) timeline.show(span.from, span.to);
  else if (selected) {
    const a = selected.lane.from(selected.item), b = selected.lane.ends[selected.item];
    timeline.show(a - (b - a) * 0.2, b + (b - a) * 0.2);
  }
}

function togglePath(timeline) {
  timeline.showPath = !timeline.showPath;
  $('path').setAttribute('aria-pressed', timeline.showPath);
  timeline.redraw();
  timeline.tell();
}

function keysOf(timeline) {
  const clear = () => { timeline.span = null; timeline.select(null); };
  return {
    ArrowLeft: () => timeline.pan(-0.15), ArrowRight: () => timeline.pan(0.15), ArrowUp: () => stepRow(timeline, -1), ArrowDown: () => stepRow(timeline, 1),
    '+': () => timeline.zoom(0.6), '=': () => timeline.zoom(0.6), '-': () => timeline.zoom(1 / 0.6), 0: () => timeline.show(0, timeline.wall),
    Home: () => timeline.show(0, timeline.t1 - timeline.t0), End: () => timeline.show(timeline.wall - (timeline.t1 - timeline.t0), timeline.wall),
    ',': () => stepItem(timeline, -1), '.': () => stepItem(timeline, 1), Enter: () => zoomToSelected(timeline), w: () => toPartner(timeline),
    p: () => togglePath(timeline), '/': () => $('search').focus(), Escape: clear,
  };
}

// ---- mouse and touch ----

function listenToPointers(timeline) {
  const { canvas } = timeline, down = new Map();
  let drag = null, pinch = null;
  const place = (event) => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
  const clamp = (t) => Math.min(timeline.wall, Math.max(0, t));
  const spread = () => { const [a, b] = [...down.values()]; return { mid: (a.x + b.x) / 2, apart: Math.max(20, Math.abs(a.x - b.x)) }; };

  canvas.addEventListener('pointerdown', (event) => {
    const at = place(event);
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at);
    hideTip();
    if (down.size === 2) {
      pinch = { ...spread(), t0: timeline.t0, t1: timeline.t1 };
      drag = null;
      return;
    }
    const selects = timeline.dragSelects && at.y > AXIS && !event.shiftKey && event.button === 0;
    drag = { at, last: at, selects, moved: false };
  });
  canvas.addEventListener('pointermove', (event) => {
    const at = place(event);
    if (!down.has(event.pointerId)) { showTip(timeline, at, event); return; }
    down.set(event.pointerId, at);
    if (pinch && down.size === 2) {
      const now = spread(), width = timeline.width - timeline.gutter, length = (pinch.t1 - pinch.t0) * pinch.apart / now.apart;
      const fixed = pinch.t0 + (pinch.mid - timeline.gutter) / width * (pinch.t1 - pinch.t0);
      const t0 = fixed - (now.mid - timeline.gutter) / width * length;
      timeline.show(t0, t0 + length);
    } else if (drag) {
      drag.moved = drag.moved || Math.abs(at.x - drag.at.x) > 4;
      if (drag.moved && drag.selects) {
        const [from, to] = [clamp(timeline.time(drag.at.x)), clamp(timeline.time(at.x))].sort((a, b) => a - b);
        timeline.span = to > from ? { from, to } : null;
        timeline.redraw();
      } else if (drag.moved) {
        timeline.pan((drag.last.x - at.x) / (timeline.width - timeline.gutter));
      }
      drag.last = at;
    }
  });
  const up = (event) => {
    const at = place(event);
    if (drag && !drag.moved && event.type === 'pointerup') {
      timeline.span = null;
      timeline.select(timeline.itemAt(at.x, at.y));
    } else if (drag) timeline.tell();
    drag = null;
    down.delete(event.pointerId);
    if (down.size < 2) pinch = null;
  };
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', up);
  canvas.addEventListener('pointerleave', hideTip);
  canvas.addEventListener('dblclick', () => zoomToSelected(timeline));
  canvas.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      timeline.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.008), timeline.time(place(event).x));
    } else if (event.deltaX || event.shiftKey) {
      event.preventDefault();
      timeline.pan((event.deltaX || event.deltaY) / 1200);
    }
  }, { passive: false });
}

function hideTip() { $('tip').hidden = true; }

function showTip(timeline, at, event) {
  const found = timeline.itemAt(at.x, at.y), tip = $('tip');
  tip.hidden = !found;
  if (!found) return;
  tip.replaceChildren(...describe(found.lane, found.item, timeline.showPath).map((line) => make('p', line)));
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, window.innerWidth - box.width - 8))}px`;
  tip.style.top = `${Math.max(4, event.clientY + 18 + box.height > window.innerHeight ? event.clientY - box.height - 12 : event.clientY + 18)}px`;
}

// ---- find ----

// Lanes by what they are called, else stretches by their state or system call, from the selection on.
function findLanes(timeline, query) {
  return timeline.rows.filter((row) => row.lane && row.lane.label.toLowerCase().includes(query)).map((row) => row.lane);
}

function nextStretch(timeline, query) {
  const codes = new Set(states.filter((s) => s && s.key.replace('_', ' ').startsWith(query.replace('_', ' '))).map((s) => s.code));
  const start = timeline.selected ? timeline.selected.lane.from(timeline.selected.item) : -1;
  let best = null;
  for (const row of timeline.rows) {
    const { lane } = row;
    if (!lane || lane.cpu !== undefined) continue;
    const calls = new Set(lane.run.about.calls.map((name, i) => (name.startsWith(query) ? i + 1 : 0)).filter(Boolean));
    for (let i = lane.find(start); i < lane.count; i++) {
      const from = lane.from(i);
      if (best && from >= best.from) break;
      if (from > start && (codes.has(lane.state[i]) || (isBlocked(lane.state[i]) && calls.has(lane.place[i])))) best = { lane, item: i, from };
    }
  }
  return best;
}

function search(timeline, go) {
  const query = $('search').value.trim().toLowerCase(), lanes = query ? findLanes(timeline, query) : [];
  timeline.matches = new Set(lanes);
  let words = query ? count(lanes.length, 'lane') : '';
  if (go && lanes.length) {
    const lane = lanes[(lanes.indexOf(timeline.selected?.lane) + 1) % lanes.length];
    if (lane.count) timeline.visit({ lane, item: Math.min(lane.count - 1, lane.find(Math.max(timeline.t0, lane.start))) });
  } else if (go && query) {
    const found = nextStretch(timeline, query);
    words = found ? `${states[found.lane.state[found.item]].words}, at ${duration(found.from)}` : 'nothing further';
    if (found) timeline.visit(found);
  } else if (query && !lanes.length) words = 'no lane; Enter: the next such state or call';
  $('found').textContent = words;
  timeline.redraw();
}

// ---- the start ----

function setTheme(theme, all) {
  document.documentElement.dataset.theme = theme;
  $('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
  readInks();
  all();
}

function listen(timeline, paint) {
  const keys = keysOf(timeline), press = (id, action) => $(id).addEventListener('click', action);
  timeline.canvas.addEventListener('keydown', (event) => {
    const act = !event.ctrlKey && !event.metaKey && !event.altKey && keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  for (const type of ['focus', 'blur']) timeline.canvas.addEventListener(type, () => timeline.redraw());
  press('zoom-in', keys['+']);
  press('zoom-out', keys['-']);
  press('fit', keys[0]);
  press('path', keys.p);
  press('drag', () => { timeline.dragSelects = !timeline.dragSelects; $('drag').setAttribute('aria-pressed', timeline.dragSelects); });
  press('theme', () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark', paint));
  press('list', () => { const row = timeline.rows[timeline.current]; if (row && row.lane) listStretches(row.lane, timeline.t0, timeline.t1); });
  $('search').addEventListener('input', () => search(timeline, false));
  $('search').addEventListener('keydown', (event) => { if (event.key === 'Enter') search(timeline, true); });
  $('overview').addEventListener('pointerdown', (event) => {
    const t = event.offsetX / $('overview').clientWidth * timeline.wall, half = (timeline.t1 - timeline.t0) / 2;
    timeline.show(t - half, t + half);
  });
  timeline.scroller.addEventListener('scroll', () => timeline.redraw());
  window.addEventListener('resize', paint);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => setTheme(event.matches ? 'dark' : 'light', paint));
  listenToPointers(timeline);
}

function start() {
  const data = loadRuns(), { comparison, runs } = data;
  const longest = Math.max(1, ...runs.map((run) => run.wall));
  for (const run of runs) run.slices = slicesOf(run, 512);
  const timeline = new Timeline($('lanes'), $('scroller'), $('spacer'), runs);
  timeline.dragSelects = !window.matchMedia('(pointer: coarse)').matches;
  $('drag').setAttribute('aria-pressed', timeline.dragSelects);
  $('path').hidden = !runs.some((run) => run.path.length);
  const visit = (tid) => {
    const lane = runs[0].lanes.find((l) => l.thread.tid === tid);
    if (!lane || !lane.count) return;
    timeline.canvas.focus();
    timeline.visit({ lane, item: Math.min(lane.count - 1, lane.find(Math.max(timeline.t0, lane.start))) });
  };

  if (comparison) showComparisonVerdict(comparison); else showVerdict(runs[0].report);
  runs.forEach(showNotices);
  if (!comparison) showFindings(runs[0].report, visit);
  readInks();
  showBars(data, longest);
  if (comparison) showContrasts(comparison);
  showTwin(runs);
  const paint = () => { bars.forEach((draw) => draw()); showLegend(runs); timeline.resize(); drawOverview(timeline); };
  timeline.listeners.push(() => { $('details').replaceChildren(...detailsOf(timeline)); }, () => drawOverview(timeline));
  listen(timeline, paint);
  setTheme(window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light', paint);
  timeline.tell();
  // CPU lanes can wait: what was drawn first is already there to be looked at
  requestAnimationFrame(() => setTimeout(() => {
    for (const run of runs) run.cpus = cpuLanes(run);
    timeline.layOut();
    timeline.resize();
    document.documentElement.dataset.ready = 'yes';
  }, 0));
  window.conctrace = { timeline, runs }; // for the tests, and for the curious
}

document.addEventListener('DOMContentLoaded', start);
