// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// What stands around the drawing: verdict, findings, bars, legend, words for a selection, tables.

const $ = (id) => document.getElementById(id);
const count = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
const ratio = (v) => (v >= 100 ? v.toFixed(0) : v.toFixed(2));

function shellWord(word) {
  return word !== '' && /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function showVerdict(report) {
  const command = report.command.map(shellWord).join(' ') || 'processes that ran already';
  const { summary } = report, lead = report.findings[0];
  $('command').textContent = `conctrace ${command}`;
  document.title = `${command.slice(0, 80)} - conctrace`;
  $('verdict').textContent = lead ? lead.title : report.threads.length ? 'Nothing stands out: no finding holds.' : 'No thread was seen alive.';
  const end = report.exit.signal ? `, killed by signal ${report.exit.signal}` : report.exit.code !== null ? `, exit ${report.exit.code}` : '';
  const average = summary.parallelism.average;
  $('facts').textContent = `${duration(report.wall_ns)}${end}. ${count(summary.threads, 'thread')} in ${count(summary.processes, 'process', 'processes')}, on ${count(report.host.cpus, 'CPU')}.` +
    (average === null ? '' : ` On average ${ratio(average)} ran at a time, and ${ratio(summary.demand)} could have.`);
}

function showComparisonVerdict(comparison) {
  $('command').textContent = `conctrace compare: ${comparison.runs.map((r) => r.label).join(', ')}`;
  document.title = 'Comparison - conctrace';
  $('verdict').textContent = comparison.verdict || 'No design ran to its end.';
  $('facts').textContent = `${count(comparison.runs.length, 'design')}, drawn from the median run of each.`;
  $('reasons').append(...comparison.reasons.map((reason) => make('li', reason)));
  $('findings-part').hidden = true;
}

function notice(text) {
  const p = make('p', text);
  p.className = 'notice';
  $('notices').append(p);
}

function showNotices(run) {
  const { about, report } = run, of = run.label ? `${run.label}: ` : '';
  if (report.lost.events || report.lost.gaps.length) notice(`${of}${count(report.lost.events, 'event')} found no room; where that is, the drawing says "unknown". The sums in the report hold all the same.`);
  if (report.lost.recording_cut) notice(`${of}The recording is cut short; what it holds is drawn.`);
  if (about.fold_ns) notice(`${of}${count(about.intervals, 'stretch', 'stretches')} are more than a page can hold: neighbours shorter than ${duration(about.fold_ns)} are drawn together, which leaves ${about.items.toLocaleString('en')}. Sums are exact.`);
  if (about.coarse) notice(`${of}Its stretches were not kept: the lanes show shares of 128 spans of time, without causes.`);
}

// ---- findings ----

function evidenceText(key, value) {
  if (typeof value !== 'number') return String(value);
  if (key.endsWith('_ns')) return duration(value);
  return Number.isInteger(value) ? value.toLocaleString('en') : ratio(value);
}

// The verdict leads with the title of the first.
function findingCard(finding, first, visit) {
  const card = make('article', null, ...(first ? [] : [make('h3', finding.title)]), make('p', finding.explanation));
  card.className = `finding ${finding.severity}`;
  if (finding.advice) {
    const advice = make('p', finding.advice);
    advice.className = 'advice';
    card.append(advice);
  }
  const list = make('dl', null);
  for (const [key, value] of Object.entries(finding.evidence)) list.append(make('dt', key), make('dd', evidenceText(key, value)));
  card.append(make('details', null, make('summary', `The numbers behind it (${finding.id})`), list));
  if (finding.tid !== null) {
    const button = make('button', `Show thread ${finding.tid}`);
    button.type = 'button';
    button.addEventListener('click', () => visit(finding.tid));
    card.append(button);
  }
  return card;
}

function showFindings(report, visit) {
  $('findings').append(...report.findings.map((finding, i) => findingCard(finding, i === 0, visit)));
  if (!report.findings.length) $('findings').append(make('p', 'None.'));
}

// ---- bars ----

// Parts in the order of the codes, from an object with running_ns, runnable {..}, blocked {..}, unknown_ns.
function partsOf(times) {
  const value = (state) => state.code === 1 ? times.running_ns : state.code === 0 ? times.unknown_ns : (times.runnable[state.key] ?? times.blocked[state.key]);
  return [states[1], ...states.slice(3, 18), states[0]].map((state) => [state.code, value(state) || 0]).filter(([, ns]) => ns > 0);
}

const bars = [];
function addBar(title, words, parts, whole, share = 1) {
  const canvas = document.createElement('canvas'), list = make('ul', null);
  const told = [...parts].sort((a, b) => b[1] - a[1]).filter(([, ns]) => ns >= whole / 1000);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${title}: ${told.map(([code, ns]) => `${states[code].words} ${percent(ns, whole)}`).join(', ')}`);
  const box = make('div', null, make('h3', title), ...(words ? [make('p', words)] : []), canvas, list);
  box.className = 'bar';
  box.querySelectorAll('p').forEach((p) => { p.className = 'small'; });
  $('bars').append(box);
  bars.push(() => {
    drawBar(canvas, parts, whole, share);
    list.replaceChildren(...told.slice(0, 8).map(([code, ns]) => make('li', null, swatch(code), `${states[code].words}: ${duration(ns)}, ${percent(ns, whole)}`)));
  });
}

function elapsedParts(report) {
  return report.critical_path_summary ? partsOf(report.critical_path_summary) : null;
}

function showBars({ comparison, runs }, longest) {
  for (const run of runs) {
    const { report } = run, elapsed = elapsedParts(report), of = comparison ? `${run.label}: ` : '';
    if (elapsed) addBar(`${of}${duration(run.wall)} elapsed`, comparison ? '' : 'What each moment of the run was spent on, along its critical path: to be faster, a run must make this shorter.', elapsed, run.wall, run.wall / longest);
    else addBar(`${of}${duration(run.wall)} elapsed`, '', partsOf(report.summary), report.summary.lifetime_ns, run.wall / longest);
    if (!comparison && report.threads.length > 1) addBar(`${duration(report.summary.lifetime_ns)} of ${count(report.threads.length, 'thread')} together`, 'The lives of all threads, added up: what a thread spends waiting beside others costs nothing of the elapsed time.', partsOf(report.summary), report.summary.lifetime_ns);
  }
}

function measure(metric, value) {
  if (value === null) return '-';
  if (metric === 'peak_bytes') return `${(value / 1048576).toFixed(1)} MiB`;
  if (metric.endsWith('_ns') || metric.startsWith('blocked.')) return duration(value);
  return Number.isInteger(value) ? value.toLocaleString('en') : ratio(value);
}

function showContrasts(comparison) {
  const labels = comparison.runs.map((run) => run.label), body = make('tbody', null);
  for (const c of comparison.contrasts.filter((one) => one.differs)) {
    const words = make('td', c.explanation || '');
    words.className = 'words';
    const cells = c.values.map((value, i) => {
      const cell = make('td', measure(c.metric, value));
      if (labels[i] === c.best) cell.className = 'best';
      return cell;
    });
    body.append(make('tr', null, make('td', c.metric), ...cells, words));
  }
  const table = make('table', null, make('caption', 'What differs by more than the runs do among themselves; medians, the best in bold'),
    make('thead', null, make('tr', null, ...['', ...labels, 'why it matters'].map(headCell))), body);
  const box = make('div', null, table);
  box.className = 'scrolls';
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', 'Contrasts');
  $('contrasts').append(box);
}

function headCell(text) {
  const cell = make(text ? 'th' : 'td', text);
  if (text) cell.scope = 'col';
  return cell;
}

// ---- legend ----

function showLegend(runs) {
  const sums = new Float64Array(CODES);
  for (const run of runs) for (const lane of run.lanes) lane.addItems(0, lane.count, sums);
  const items = states.filter((state) => state && state.code !== IDLE && sums[state.code] > 0).map((state) => make('span', null, swatch(state.code), state.key === 'running' ? 'on a CPU' : `${state.key.replace('_', ' ')}: ${state.words}`));
  $('legend').replaceChildren(...items);
}

// ---- words for a stretch, and for a span ----

const wakes = ['', '', 'a thread that is not traced', 'an interrupt: a timer or a device', 'a soft interrupt: mostly the network'];

function describe(lane, item, path) {
  const code = lane.state[item], from = lane.from(item), to = lane.ends[item], step = Math.max(1, (to - from) / 1000), mix = lane.mixed.get(item);
  const lines = [lane.label + (lane.thread && lane.thread.pid !== lane.thread.tid ? ` of process ${lane.thread.pid}` : '')];
  const other = lane.run.lanes[lane.other[item] - 1];
  if (lane.cpu !== undefined) {
    lines.push(code === IDLE ? `none of ours for ${duration(to - from)}` : mix ? `busy for ${duration(mix.sums[0][1])} of ${duration(to - from)}` : `${other ? other.label : '?'} for ${duration(to - from)}`);
  } else if (mix) {
    lines.push(`${mix.count ? count(mix.count, 'short stretch', 'short stretches') : 'a mixture'}, ${duration(to - from)} together`);
    for (const [state, ns] of mix.sums) lines.push(`${states[state].words}: ${duration(ns)}`);
  } else {
    lines.push(`${states[code].words} (${states[code].key}) for ${duration(to - from)}`);
  }
  lines.push(`from ${moment(from, step)} to ${moment(to, step)}`);
  if (lane.cpu === undefined && !mix) {
    if (code === 1) lines.push(`on CPU ${lane.place[item]}`);
    const call = isBlocked(code) && lane.run.about.calls[lane.place[item] - 1];
    if (call) lines.push(`in the system call ${call}`);
    if (other) lines.push(code === 3 ? `its CPU went to ${other.label}` : `woken by ${other.label}`);
    else if (isBlocked(code) && wakes[lane.wake[item]]) lines.push(`ended by ${wakes[lane.wake[item]]}`);
    if (path && lane.run.path.some((s) => s.lane === lane && s.start < to && s.end > from)) lines.push('on the critical path');
  }
  return lines;
}

function spanSums(runs, from, to) {
  const sums = new Float64Array(CODES);
  for (const run of runs) for (const lane of run.lanes) lane.addSpan(Math.max(from, lane.start), to, sums);
  return sums;
}

function spanTable(runs, { from, to }) {
  const sums = spanSums(runs, from, to), whole = sums.reduce((a, b) => a + b, 0), body = make('tbody', null);
  for (const state of states)
    if (state && sums[state.code]) {
      const ns = make('td', duration(sums[state.code]));
      ns.dataset.ns = Math.round(sums[state.code]);
      ns.dataset.state = state.key;
      body.append(make('tr', null, make('td', state.words), ns, make('td', percent(sums[state.code], whole)), make('td', ratio(sums[state.code] / (to - from)))));
    }
  return make('table', null, make('caption', `${duration(to - from)} from ${moment(from, (to - from) / 1000)}: all threads`),
    make('thead', null, make('tr', null, ...['', 'time', 'share', 'threads on average'].map(headCell))), body);
}

// ---- the drawing as tables ----

function showTwin(runs) {
  for (const run of runs) {
    const body = make('tbody', null);
    for (const lane of run.lanes) {
      const sums = lane.sums(), life = sums.reduce((a, b) => a + b, 0);
      const cell = (key, ns) => { const td = make('td', ns ? duration(ns) : '-'); td.dataset.key = key; td.dataset.ns = Math.round(ns); return td; };
      const total = (test) => sums.reduce((a, ns, code) => a + (test(code) ? ns : 0), 0);
      const causes = [...sums.keys()].filter((c) => isBlocked(c) && sums[c]).sort((a, b) => sums[b] - sums[a]).slice(0, 2);
      const row = make('tr', null, make('td', lane.label), make('td', lane.thread.pid), cell('life', life), cell('running', sums[1]), cell('runnable', total(isRunnable)),
        cell('blocked', total(isBlocked)), cell('unknown', sums[0]), make('td', causes.map((c) => `${states[c].key.replace('_', ' ')} ${percent(sums[c], life)}`).join(', ') || '-'));
      row.dataset.tid = lane.thread.tid;
      body.append(row);
    }
    $('twin').append(make('table', null, make('caption', `${run.label ? `${run.label}: ` : ''}each thread, with the sums of the stretches that are drawn`),
      make('thead', null, make('tr', null, ...['thread', 'process', 'life', 'on a CPU', 'waits for a CPU', 'blocked', 'unknown', 'mostly blocked by'].map(headCell))), body));
  }
}

const LIST_MOST = 500;
function listStretches(lane, t0, t1) {
  const body = make('tbody', null), first = lane.find(t0);
  let i = first;
  for (; i < lane.count && lane.from(i) < t1 && i < first + LIST_MOST; i++) {
    const [, what, when, ...rest] = describe(lane, i, false);
    body.append(make('tr', null, make('td', what), make('td', when), make('td', rest.join('; '))));
  }
  const more = i < lane.count && lane.from(i) < t1 ? `; only the first ${LIST_MOST}: zoom in for the rest` : '';
  $('stretches').replaceChildren(make('table', null, make('caption', `${lane.label}, from ${moment(t0, (t1 - t0) / 1000)} to ${moment(t1, (t1 - t0) / 1000)}${more}`),
    make('thead', null, make('tr', null, ...['state', 'time', 'more'].map(headCell))), body));
}
