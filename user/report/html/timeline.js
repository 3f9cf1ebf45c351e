// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// The drawing of lanes. What is narrower than a pixel is drawn as a column: shares of the states in that span
// of time, running at the bottom. What is wider is drawn by itself, with its pattern and its word.

const AXIS = 26, LANE = 24, HEAD = 26, PAD = 3, WIDE = 3;

class Timeline {
  constructor(canvas, scroller, spacer, runs) {
    Object.assign(this, { canvas, scroller, spacer, runs });
    this.wall = Math.max(1, ...runs.map((run) => run.wall));
    this.t0 = 0;
    this.t1 = this.wall;
    this.showPath = true;
    this.selected = null; // { lane, item }
    this.span = null; // { from, to }
    this.current = 0; // the row of the keyboard
    this.matches = new Set();
    this.listeners = [];
    this.sums = new Float64Array(CODES);
    this.layOut();
  }

  // Rows: a heading for each process, a lane for each thread, then the CPUs.
  layOut() {
    this.rows = [];
    for (const run of this.runs) {
      const processes = new Map(run.report.processes.map((p) => [p.pid, p]));
      const title = run.label ? `${run.label}: ` : '';
      let last = null;
      const sorted = [...run.lanes].sort((a, b) => a.thread.pid - b.thread.pid || a.thread.start_ns - b.thread.start_ns || a.thread.tid - b.thread.tid);
      for (const lane of sorted) {
        const { pid } = lane.thread, process = processes.get(pid);
        if (pid !== last) this.rows.push({ head: `${title}${process ? process.comm : '?'}, process ${pid}`, h: HEAD });
        last = pid;
        this.rows.push({ lane, h: LANE });
      }
      if (run.cpus.length) this.rows.push({ head: `${title}CPUs`, h: HEAD });
      for (const lane of run.cpus) this.rows.push({ lane, h: LANE });
    }
    let y = AXIS;
    for (const row of this.rows) { row.y = y; y += row.h; }
    this.height = y + 6;
    this.rowOf = new Map(this.rows.filter((r) => r.lane).map((r) => [r.lane, r]));
    if (!this.rows[this.current]?.lane) this.current = this.rows.findIndex((r) => r.lane);
  }

  resize() {
    const width = this.scroller.clientWidth, view = Math.min(this.height, Math.round(window.innerHeight * 0.7));
    if (!width) return; // not shown
    this.width = width;
    this.view = view;
    this.gutter = Math.min(170, Math.round(width * 0.3));
    this.g = prepare(this.canvas, width, view);
    this.canvas.style.height = `${view}px`;
    this.spacer.style.height = `${Math.max(0, this.height - view)}px`;
    this.scroller.style.height = `${view + 2}px`;
    this.ratio = this.canvas.width / width;
    this.image = this.g.createImageData(Math.max(1, Math.floor((width - this.gutter) * this.ratio)), this.canvas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.redraw();
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  x(t) { return this.gutter + (t - this.t0) / (this.t1 - this.t0) * (this.width - this.gutter); }
  time(x) { return this.t0 + (x - this.gutter) / (this.width - this.gutter) * (this.t1 - this.t0); }
  get perPixel() { return (this.t1 - this.t0) / (this.width - this.gutter); }

  show(t0, t1) {
    const least = 200, span = Math.min(this.wall, Math.max(least, t1 - t0));
    const mid = (t0 + t1) / 2;
    this.t0 = Math.min(Math.max(0, mid - span / 2), this.wall - span);
    this.t1 = this.t0 + span;
    this.redraw();
    this.tell();
  }
  zoom(factor, at = (this.t0 + this.t1) / 2) { this.show(at - (at - this.t0) * factor, at + (this.t1 - at) * factor); }
  pan(share) { const d = (this.t1 - this.t0) * share; this.show(this.t0 + d, this.t1 + d); }
  tell() { for (const listener of this.listeners) listener(); }

  // ---- drawing ----

  draw() {
    const { g, ratio } = this, top = this.scroller.scrollTop;
    this.pixels.fill(colours.cardRgba);
    this.rects = [];
    const seen = this.rows.filter((row) => row.y + row.h > top + AXIS && row.y < top + this.view);
    for (const row of seen) if (row.lane) this.drawLane(row.lane, row.y - top + PAD, row.h - 2 * PAD);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.fillStyle = colours.card;
    g.fillRect(0, 0, this.width, this.view);
    g.putImageData(this.image, Math.round(this.gutter * ratio), 0);
    for (const rect of this.rects) this.drawRect(rect);
    this.drawGutter(seen, top);
    if (this.showPath) this.drawPath(top);
    this.drawSelection(top);
    this.drawAxis();
    if (!this.drawn) this.drawn = performance.mark('lanes-drawn');
  }

  drawLane(lane, y, h) {
    const { ratio, t0, t1 } = this, cols = this.image.width, scale = cols / (t1 - t0);
    const from = Math.max(t0, lane.start), until = Math.min(t1, lane.end);
    if (from >= until) return;
    const last = Math.min(cols, Math.ceil((until - t0) * scale));
    const top = Math.round(y * ratio), high = Math.round(h * ratio), { sums } = this;
    let col = Math.floor((from - t0) * scale), i = lane.find(from);
    while (col < last && i < lane.count) {
      const right = Math.min(last, Math.floor((lane.ends[i] - t0) * scale));
      if (right - col >= WIDE * ratio && lane.state[i] !== MIXTURE) {
        if (lane.state[i] !== IDLE) this.rects.push({ lane, i, code: lane.state[i], x: this.gutter + col / ratio, w: (right - col) / ratio, y, h });
        col = right;
      } else {
        const a = t0 + col / scale, b = t0 + (col + 1) / scale;
        const next = this.seek(lane, i, b);
        sums.fill(0);
        lane.addSpan(a, b, sums, i, next);
        this.drawColumn(col, top, high, sums, 1 / scale);
        col++;
        i = next;
        continue;
      }
      i = this.seek(lane, i, t0 + col / scale);
    }
  }

  // The item at time t, which is not before item i: by steps that double.
  seek(lane, i, t) {
    let step = 1, low = i;
    while (low < lane.count && lane.ends[low] <= t) { i = low + 1; low += step; step *= 2; }
    let high = Math.min(low, lane.count);
    while (i < high) {
      const mid = (i + high) >> 1;
      if (lane.ends[mid] > t) high = mid; else i = mid + 1;
    }
    return i;
  }

  // From the bottom: running, what is not known, waits for a CPU, then what is blocked.
  drawColumn(col, top, high, sums, width) {
    const { pixels } = this, line = this.image.width, scale = high / width;
    if (col < 0 || col >= line) return;
    let y = top + high, acc = 0;
    for (let k = 0; k < IDLE; k++) {
      const code = k === 0 ? 1 : k === 1 ? 0 : k;
      if (!sums[code]) continue;
      acc += sums[code];
      const to = Math.max(0, top, Math.min(y - 1, Math.round(top + high - acc * scale))), { rgba } = inks[code];
      for (let at = (Math.min(y, this.image.height) - 1) * line + col; at >= to * line; at -= line) pixels[at] = rgba;
      y = to;
    }
  }

  drawRect({ lane, i, code, x, w, y, h }) {
    const { g } = this;
    g.fillStyle = inks[code].pattern;
    g.fillRect(x, y, w, h);
    if (w > 5) { g.fillStyle = colours.card; g.fillRect(x + w - 1, y, 1, h); }
    if (w < 40) return;
    const word = lane.cpu !== undefined ? lane.run.lanes[lane.other[i] - 1]?.label || '' : states[code].key.replace('_', ' ');
    g.font = '12px system-ui, sans-serif';
    if (g.measureText(word).width + 12 < w) label(g, word, x + 6, y + h / 2, code);
  }

  drawGutter(seen, top) {
    const { g } = this;
    g.font = '13px system-ui, sans-serif';
    g.textBaseline = 'middle';
    g.fillStyle = colours.card;
    g.fillRect(0, 0, this.gutter, this.view);
    for (const row of seen) {
      const y = row.y - top;
      const on = this.rows[this.current] === row && document.activeElement === this.canvas;
      if (row.head) {
        g.fillStyle = colours.lane;
        g.fillRect(0, y, this.width, row.h - 2);
      } else if (this.matches.has(row.lane) || on) {
        g.fillStyle = on ? colours.focus : colours.accent;
        g.fillRect(0, y + 2, 4, row.h - 4);
      }
      g.save();
      g.beginPath();
      g.rect(0, y, row.head ? this.width : this.gutter - 6, row.h);
      g.clip();
      g.fillStyle = row.head ? colours.soft : colours.text;
      g.font = `${row.head ? '600 ' : ''}13px system-ui, sans-serif`;
      g.fillText(row.head || row.lane.label, row.head ? 8 : 12, y + row.h / 2);
      g.restore();
    }
  }

  ticks() {
    const rough = this.perPixel * 110, ten = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 5, 10].map((m) => m * ten).find((step) => step >= rough);
  }

  drawAxis() {
    const { g } = this, step = this.ticks();
    g.fillStyle = colours.card;
    g.fillRect(0, 0, this.width, AXIS - 2);
    g.fillStyle = colours.line;
    g.fillRect(0, AXIS - 2, this.width, 1);
    g.font = '12px system-ui, sans-serif';
    g.textBaseline = 'middle';
    for (let t = Math.ceil(this.t0 / step) * step; t <= this.t1; t += step) {
      const x = this.x(t), text = moment(t, step);
      g.fillStyle = colours.line;
      g.fillRect(x, AXIS - 8, 1, 7);
      g.fillStyle = colours.soft;
      if (x + g.measureText(text).width + 6 < this.width) g.fillText(text, x + 4, AXIS / 2 - 2);
    }
  }

  // The critical path: a line under the lanes it leads through, and where it goes from one to the next.
  drawPath(top) {
    const { g } = this;
    g.save();
    g.beginPath();
    g.rect(this.gutter, AXIS, this.width - this.gutter, this.view - AXIS);
    g.clip();
    for (const run of this.runs) {
      const { path } = run;
      let low = 0, high = path.length;
      while (low < high) { const mid = (low + high) >> 1; if (path[mid].end > this.t0) high = mid; else low = mid + 1; }
      g.fillStyle = colours.text;
      let before = null, bends = 0;
      for (let k = low; k < path.length && path[k].start < this.t1; k++) {
        const step = path[k], row = this.rowOf.get(step.lane);
        if (!row) continue;
        const x = this.x(Math.max(step.start, this.t0)), y = row.y - top + row.h - PAD - 1;
        g.fillRect(x, y, Math.max(1, this.x(Math.min(step.end, this.t1)) - x), 4);
        if (before && before.row !== row && bends++ < 500) g.fillRect(x - 0.5, Math.min(y, before.y), 1, Math.abs(y - before.y) + 4);
        before = { row, y };
      }
    }
    g.restore();
  }

  drawSelection(top) {
    const { g } = this;
    g.save();
    g.beginPath();
    g.rect(this.gutter, AXIS, this.width - this.gutter, this.view - AXIS);
    g.clip();
    if (this.span) {
      const a = this.x(this.span.from), b = this.x(this.span.to);
      g.globalAlpha = 0.18;
      g.fillStyle = colours.focus;
      g.fillRect(a, 0, b - a, this.view);
      g.globalAlpha = 1;
      g.fillRect(a, 0, 1, this.view);
      g.fillRect(b - 1, 0, 1, this.view);
    }
    const row = this.selected && this.rowOf.get(this.selected.lane);
    if (row) {
      const { lane, item } = this.selected, a = this.x(lane.from(item)), b = this.x(lane.ends[item]);
      g.strokeStyle = colours.focus;
      g.lineWidth = 3;
      g.strokeRect(a, row.y - top + 1, Math.max(2, b - a), row.h - 2);
      for (const arrow of this.arrows()) this.drawArrow(arrow, top);
    }
    g.restore();
  }

  // Wakeups that concern the selection: what ended it, and whom its thread woke in it.
  arrows() {
    const { lane, item } = this.selected, all = [];
    if (lane.cpu !== undefined || lane.state[item] === MIXTURE) return all;
    const other = lane.run.lanes[lane.other[item] - 1];
    if (other) {
      const taken = lane.state[item] === 3, t = taken ? lane.from(item) : lane.ends[item];
      all.push({ t, from: taken ? lane : other, to: taken ? other : lane });
    }
    if (lane.state[item] === 1) {
      const start = lane.from(item), place = lane.run.lanes.indexOf(lane);
      for (const wake of wakesOf(lane.run)[place])
        if (wake.t >= start && wake.t <= lane.ends[item] && all.length < 200) all.push({ t: wake.t, from: lane, to: lane.run.lanes[wake.woken] });
    }
    return all;
  }

  drawArrow({ t, from, to }, top) {
    const { g } = this, a = this.rowOf.get(from), b = this.rowOf.get(to);
    if (!a || !b) return;
    const x = this.x(t), y0 = a.y - top + a.h / 2, y1 = b.y - top + b.h / 2, down = y1 > y0 ? 1 : -1, tip = y1 - down * (b.h / 2 - 4);
    for (const [width, colour] of [[5, colours.card], [2, colours.text]]) {
      g.lineWidth = width;
      g.strokeStyle = g.fillStyle = colour;
      g.beginPath();
      g.moveTo(x, y0);
      g.lineTo(x, tip);
      g.stroke();
      g.beginPath();
      g.moveTo(x, tip + down * (5 + width / 2));
      g.lineTo(x - 4 - width / 2, tip - down * 4);
      g.lineTo(x + 4 + width / 2, tip - down * 4);
      g.fill();
    }
  }

  // ---- what is where ----

  rowAt(y) {
    const at = y + this.scroller.scrollTop;
    return this.rows.find((row) => at >= row.y && at < row.y + row.h) || null;
  }

  itemAt(x, y) {
    const row = y > AXIS && x > this.gutter ? this.rowAt(y) : null, t = this.time(x);
    if (!row || !row.lane || t < row.lane.start || t >= row.lane.end) return null;
    return { lane: row.lane, item: row.lane.find(t) };
  }

  select(selected) {
    this.selected = selected;
    if (selected) {
      const row = this.rowOf.get(selected.lane);
      this.current = this.rows.indexOf(row);
      this.reveal(row);
    }
    this.redraw();
    this.tell();
  }

  reveal(row) {
    const top = this.scroller.scrollTop;
    if (row.y - AXIS < top) this.scroller.scrollTop = row.y - AXIS - HEAD;
    if (row.y + row.h > top + this.view) this.scroller.scrollTop = row.y + row.h - this.view;
  }

  // Into view, if it is not: with some of what is around it.
  visit(selected) {
    const { lane, item } = selected, a = lane.from(item), b = lane.ends[item];
    if (b < this.t0 || a > this.t1) { const half = (this.t1 - this.t0) / 2; this.show((a + b) / 2 - half, (a + b) / 2 + half); }
    this.select(selected);
  }
}
