// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// Colours, patterns, numbers: what all drawings share. A state is told by its colour and by its pattern.

const colours = { page: '', text: '' };
let inks = []; // by code: { css, rgba (as in an image), pattern }

// Each draws one tile of 8 x 8.
const tiles = {
  slash: (g) => { g.moveTo(-1, 9); g.lineTo(9, -1); g.moveTo(-1, 1); g.lineTo(1, -1); g.moveTo(7, 9); g.lineTo(9, 7); },
  backslash: (g) => { g.moveTo(-1, -1); g.lineTo(9, 9); g.moveTo(7, -1); g.lineTo(9, 1); g.moveTo(-1, 7); g.lineTo(1, 9); },
  upright: (g) => { g.moveTo(2, 0); g.lineTo(2, 8); },
  level: (g) => { g.moveTo(0, 4); g.lineTo(8, 4); },
  grid: (g) => { g.moveTo(0, 4); g.lineTo(8, 4); g.moveTo(4, 0); g.lineTo(4, 8); },
  cross: (g) => { g.moveTo(-1, -1); g.lineTo(9, 9); g.moveTo(-1, 9); g.lineTo(9, -1); },
  dots: (g) => { g.moveTo(2, 2); g.lineTo(3.4, 2); g.moveTo(6, 6); g.lineTo(7.4, 6); },
  dashes: (g) => { g.moveTo(0, 2); g.lineTo(4, 2); g.moveTo(4, 6); g.lineTo(8, 6); },
  zigzag: (g) => { g.moveTo(-1, 5); g.lineTo(2, 2); g.lineTo(6, 6); g.lineTo(9, 3); },
};
const tileOf = {
  preempted: 'slash', yielded: 'dashes', woken: 'backslash', created: 'zigzag', runnable: 'slash', lock: 'cross', sleep: 'dots', socket: 'upright',
  pipe: 'level', event_wait: 'dots', disk: 'grid', fault: 'zigzag', child: 'dashes', signal: 'level', stopped: 'grid', other: 'upright', unknown: 'cross',
};

function inkOf(g, state, style) {
  const css = style.getPropertyValue(`--${state.key}`).trim() || style.getPropertyValue('--other').trim();
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const t = tile.getContext('2d', { willReadFrequently: true });
  t.fillStyle = css;
  t.fillRect(0, 0, 8, 8);
  const [r, green, b] = t.getImageData(0, 0, 1, 1).data;
  const light = 0.3 * r + 0.59 * green + 0.11 * b > 140;
  if (tileOf[state.key]) {
    t.strokeStyle = light ? 'rgba(0,0,0,.38)' : 'rgba(255,255,255,.42)';
    t.lineWidth = 1.2;
    t.beginPath();
    tiles[tileOf[state.key]](t);
    t.stroke();
  }
  return { css, rgba: (255 << 24) | (b << 16) | (green << 8) | r, pattern: tileOf[state.key] ? g.createPattern(tile, 'repeat') : css, text: light ? '#111' : '#fff' };
}

function readInks() {
  const style = getComputedStyle(document.documentElement);
  const g = document.createElement('canvas').getContext('2d');
  for (const name of ['page', 'card', 'text', 'soft', 'line', 'accent', 'focus', 'lane']) colours[name] = style.getPropertyValue(`--${name}`).trim();
  inks = [];
  states.forEach((state, code) => { inks[code] = inkOf(g, state, style); });
  const { rgba } = inkOf(g, { key: 'card' }, style);
  colours.cardRgba = rgba;
}

// A canvas as wide as it is shown, in units of the page. Returns its context.
function prepare(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const g = canvas.getContext('2d');
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  return g;
}

// Parts [[code, ns]] one beside the other, `width` for `whole` ns.
function drawBar(canvas, parts, whole, share) {
  const width = canvas.clientWidth || 600, g = prepare(canvas, width, 30);
  let x = 0;
  for (const [code, ns] of parts) {
    const w = whole ? ns / whole * width * share : 0;
    g.fillStyle = inks[code].pattern;
    g.fillRect(x, 0, w, 30);
    g.strokeStyle = colours.page;
    if (w > 2) g.strokeRect(x, -1, w, 32);
    const text = `${states[code].key.replace('_', ' ')} ${Math.round(ns / whole * 100)} %`;
    g.font = '600 13px system-ui, sans-serif';
    if (g.measureText(text).width + 16 < w) {
      label(g, text, x + 8, 15, code);
    }
    x += w;
  }
}

// Text on a state's colour, with a ground of its own lest the pattern run through it.
function label(g, text, x, y, code) {
  const width = g.measureText(text).width;
  g.fillStyle = inks[code].css;
  g.fillRect(x - 3, y - 8, width + 6, 16);
  g.fillStyle = inks[code].text;
  g.textBaseline = 'middle';
  g.fillText(text, x, y + 0.5);
}

function swatch(code) {
  const canvas = document.createElement('canvas');
  canvas.className = 'swatch';
  canvas.setAttribute('aria-hidden', 'true');
  const g = prepare(canvas, 26, 14);
  g.fillStyle = inks[code].pattern;
  g.fillRect(0, 0, 26, 14);
  return canvas;
}

// Three significant digits: "1.62 s", "31.0 µs".
function duration(ns) {
  const [unit, size] = ns >= 1e9 ? ['s', 1e9] : ns >= 1e6 ? ['ms', 1e6] : ns >= 1e3 ? ['µs', 1e3] : ['ns', 1];
  const v = ns / size;
  if (!ns) return '0 s';
  return `${size === 1 ? Math.round(v) : v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v.toFixed(2)} ${unit}`;
}

// A moment, as exactly as a step of `step` ns needs it.
function moment(ns, step) {
  const [unit, size] = step >= 1e8 ? ['s', 1e9] : step >= 1e5 ? ['ms', 1e6] : step >= 100 ? ['µs', 1e3] : ['ns', 1];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  return `${(ns / size).toLocaleString('en', { minimumFractionDigits: Math.min(digits, 9), maximumFractionDigits: Math.min(digits, 9) })} ${unit}`;
}

const percent = (part, whole) => {
  const v = whole ? part / whole * 100 : 0;
  return v > 0 && v < 0.1 ? '<0.1 %' : `${v >= 10 || v === 0 ? Math.round(v) : v.toFixed(1)} %`;
};

// An element with text and children: all that is foreign goes in as text.
function make(tag, text, ...children) {
  const e = document.createElement(tag);
  if (text !== null && text !== undefined) e.textContent = text;
  e.append(...children);
  return e;
}
