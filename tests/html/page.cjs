// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// What a page does for who looks at it, listens to it, or only has a keyboard. Speaks TAP.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { launch, openPage } = require('./browser.cjs');

const folder = process.argv[2], at = (name) => `${folder}/${name}`;
const reportOf = (name) => JSON.parse(fs.readFileSync(at(`${name}.json`), 'utf8'));
const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const tests = [];
const test = (name, body) => tests.push([name, body]);

const range = (page) => page.evaluate(() => [conctrace.timeline.t0, conctrace.timeline.t1]);
const details = (page) => page.textContent('#details');
// Where an interval is on the screen: the first one that `wanted` (of lane, item) holds for and that is wide enough.
const placeOf = (page, wanted) => page.evaluate((source) => {
  const { timeline } = conctrace, test = eval(`(${source})`);
  for (const row of timeline.rows) {
    const { lane } = row;
    if (!lane || lane.cpu !== undefined) continue;
    for (let i = 0; i < lane.count; i++) {
      if (!test(lane, i)) continue;
      timeline.show(lane.from(i) - (lane.ends[i] - lane.from(i)), lane.ends[i] + (lane.ends[i] - lane.from(i)));
      timeline.reveal(row);
      timeline.canvas.scrollIntoView({ block: 'center' });
      const box = timeline.canvas.getBoundingClientRect();
      return {
        x: box.left + timeline.x((lane.from(i) + lane.ends[i]) / 2), y: box.top + row.y - timeline.scroller.scrollTop + row.h / 2,
        label: lane.label, other: lane.run.lanes[lane.other[i] - 1]?.label, ns: lane.ends[i] - lane.from(i),
      };
    }
  }
  return null;
}, wanted.toString());

async function checkQuiet({ page, asked, said }) {
  assert.deepEqual(asked.filter((url) => !url.startsWith('file://')), []);
  assert.equal(asked.length, 1);
  assert.deepEqual(said, []);
  assert.deepEqual(await page.evaluate(() => window.refused), []);
}

// The tool is the test's, not the page's: it is put in past the policy.
async function checkAxe(browser, file, options) {
  const { page } = await openPage(browser, file, { ...options, bypassCSP: true });
  await page.addScriptTag({ content: axeSource });
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(', ')}`), []);
  assert.ok(found.passes.length > 15);
}

for (const name of ['small', 'folded', 'compare'])
  test(`${name}: opens from disk, asks for nothing, breaks no policy`, async (browser) => {
    const opened = await openPage(browser, at(`${name}.html`));
    assert.notEqual(await opened.page.textContent('#verdict'), 'conctrace');
    await checkQuiet(opened);
  });

test('the policy refuses a script that is not the page\'s own', async (browser) => {
  const text = fs.readFileSync(at('small.html'), 'utf8').replace('</main>', '<img src=x onerror="document.title=1"><script>document.title = 2</script></main>');
  fs.writeFileSync(at('planted.html'), text);
  const { page } = await openPage(browser, at('planted.html'));
  assert.ok((await page.evaluate(() => window.refused)).length >= 2);
  assert.match(await page.title(), /conctrace$/);
});

for (const name of ['small', 'folded'])
  test(`${name}: sums of what is drawn are the report's, thread by thread`, async (browser) => {
    const { page } = await openPage(browser, at(`${name}.html`)), report = reportOf(name);
    const rows = await page.$$eval('#twin tbody tr', (all) => all.map((row) => [Number(row.dataset.tid), Object.fromEntries([...row.querySelectorAll('[data-key]')].map((td) => [td.dataset.key, Number(td.dataset.ns)]))]));
    assert.equal(rows.length, report.threads.length);
    rows.forEach(([tid, sums], i) => {
      const t = report.threads[i];
      assert.equal(tid, t.tid);
      assert.deepEqual(sums, { life: t.lifetime_ns, running: t.running_ns, runnable: t.runnable_ns, blocked: t.blocked_ns, unknown: t.unknown_ns });
    });
    const parts = await page.evaluate(() => conctrace.runs[0].lanes.map((lane) => [...lane.sums()]));
    report.threads.forEach((t, i) => {
      assert.deepEqual(parts[i].slice(3, 7), Object.values(t.runnable));
      assert.deepEqual(parts[i].slice(7, 18), Object.values(t.blocked));
    });
  });

test('what is folded is said', async (browser) => {
  const { page } = await openPage(browser, at('folded.html'));
  assert.match(await page.textContent('#notices'), /1,200,000 stretches .* drawn together, which leaves/);
});

for (const colorScheme of ['light', 'dark'])
  for (const [name, viewport] of [['small', { width: 1280, height: 900 }], ['small', { width: 390, height: 800 }], ['compare', { width: 1280, height: 900 }]])
    test(`axe finds nothing: ${name}, ${colorScheme}, ${viewport.width} wide`, (browser) => checkAxe(browser, at(`${name}.html`), { colorScheme, viewport }));

test('dark and light: as the system says, and by the button', async (browser) => {
  const { page } = await openPage(browser, at('small.html'), { colorScheme: 'dark' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.click('#theme');
  assert.notEqual(await ground(), dark);
  const other = await openPage(browser, at('small.html'));
  assert.equal(await other.page.evaluate(() => getComputedStyle(document.body).backgroundColor), await ground());
});

test('keys: zoom, move, lanes, stretches', async (browser) => {
  const { page } = await openPage(browser, at('small.html'));
  const [, wall] = await range(page);
  await page.focus('#lanes');
  await page.keyboard.press('+');
  const [a0, a1] = await range(page);
  assert.ok(Math.abs((a1 - a0) / wall - 0.6) < 0.001);
  await page.keyboard.press('ArrowRight');
  const [b0, b1] = await range(page);
  assert.ok(b0 > a0 && Math.abs(b1 - b0 - (a1 - a0)) < 1);
  await page.keyboard.press('0');
  assert.deepEqual(await range(page), [0, wall]);
  await page.keyboard.press('.');
  const first = await details(page);
  await page.keyboard.press('.');
  const second = await details(page);
  assert.notEqual(first, second);
  await page.keyboard.press(',');
  assert.equal(await details(page), first);
  const lane = () => page.evaluate(() => conctrace.timeline.selected.lane.label);
  const above = await lane();
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await lane(), above);
  await page.keyboard.press('Escape');
  assert.match(await details(page), /Select a stretch/);
  await page.keyboard.press('p');
  assert.equal(await page.getAttribute('#path', 'aria-pressed'), 'false');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
});

test('tooltip and details: state, cause, call, waker, times', async (browser) => {
  const { page } = await openPage(browser, at('small.html'));
  const place = await placeOf(page, (lane, i) => lane.state[i] === 7 && lane.other[i] && lane.place[i]);
  await page.mouse.move(place.x, place.y);
  const tip = await page.textContent('#tip');
  for (const part of [place.label, 'waits for a lock', 'in the system call futex', `woken by ${place.other}`, 'from ', ' to ']) assert.ok(tip.includes(part), `${part} in ${tip}`);
  await page.mouse.click(place.x, place.y);
  assert.equal((await details(page)).replace('on the critical path', ''), tip.replace('on the critical path', ''));
  const taken = await placeOf(page, (lane, i) => lane.state[i] === 3 && lane.other[i]);
  await page.mouse.move(taken.x, taken.y);
  assert.match(await page.textContent('#tip'), new RegExp(`its CPU went to ${taken.other.replace(/[^\w ]/g, '.')}`));
});

test('arrows: from who woke it, and to whom a running thread woke', async (browser) => {
  const { page } = await openPage(browser, at('small.html'));
  const place = await placeOf(page, (lane, i) => lane.state[i] >= 7 && lane.other[i]);
  await page.mouse.click(place.x, place.y);
  const arrows = await page.evaluate(() => conctrace.timeline.arrows().map((a) => [a.from.label, a.to.label]));
  assert.deepEqual(arrows, [[place.other, place.label]]);
  const runner = await page.evaluate(() => {
    const { timeline, runs } = conctrace, [run] = runs;
    let wakes = 0, woken = 0;
    for (const lane of run.lanes)
      for (let item = 0; item < lane.count; item++) {
        if (lane.state[item] >= 7 && lane.other[item]) {
          const waker = run.lanes[lane.other[item] - 1], i = waker.find(lane.ends[item]);
          if (i < waker.count && waker.state[i] === 1 && lane.ends[item] > waker.from(i)) woken++;
        }
        if (lane.state[item] === 1) { timeline.selected = { lane, item }; wakes += timeline.arrows().filter((a) => a.t > lane.from(item) && a.t < lane.ends[item]).length; }
      }
    return [wakes, woken];
  });
  assert.equal(runner[0], runner[1]);
  assert.ok(runner[0] > 0);
});

test('a span that is dragged over sums up its states', async (browser) => {
  const { page } = await openPage(browser, at('small.html'));
  await page.evaluate(() => document.getElementById('lanes').scrollIntoView());
  const box = await (await page.$('#lanes')).boundingBox();
  await page.mouse.move(box.x + 400, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + 900, box.y + 90, { steps: 4 });
  await page.mouse.up();
  const span = await page.evaluate(() => conctrace.timeline.span);
  const told = await page.$$eval('#details [data-ns]', (all) => all.map((td) => [td.dataset.state, Number(td.dataset.ns)]));
  // once more, interval by interval
  const sums = await page.evaluate(({ from, to }) => {
    const all = {};
    for (const lane of conctrace.runs[0].lanes)
      for (let i = 0; i < lane.count; i++) {
        const ns = Math.min(to, lane.ends[i]) - Math.max(from, lane.from(i));
        if (ns > 0) all[lane.state[i]] = (all[lane.state[i]] || 0) + ns;
      }
    return all;
  }, span);
  const keys = await page.evaluate(() => states.map((s) => s && s.key));
  assert.ok(told.length > 5);
  assert.equal(told.length, Object.keys(sums).length);
  for (const [key, ns] of told) assert.ok(Math.abs(ns - sums[keys.indexOf(key)]) <= 2, key);
});

test('find: lanes by name and tid, stretches by state and call', async (browser) => {
  const { page } = await openPage(browser, at('small.html'));
  await page.fill('#search', '1003');
  assert.equal(await page.textContent('#found'), '1 lane');
  await page.keyboard.press('Enter');
  assert.match(await details(page), /1003/);
  await page.fill('#search', 'disk');
  await page.keyboard.press('Enter');
  assert.match(await details(page), /waits for the disk/);
  await page.fill('#search', 'futex');
  await page.keyboard.press('Enter');
  assert.match(await details(page), /in the system call futex/);
});

test('the drawing is there: running, blocked and the critical path in their colours', async (browser) => {
  const { page } = await openPage(browser, at('small.html'));
  const place = await placeOf(page, (lane, i) => lane.state[i] === 1 && lane.ends[i] - lane.from(i) > 20000);
  await page.waitForTimeout(200);
  const colour = ({ x, y }) => page.evaluate(([px, py]) => {
    const { canvas, ratio } = conctrace.timeline, box = canvas.getBoundingClientRect();
    return [...canvas.getContext('2d').getImageData((px - box.left) * ratio, (py - box.top) * ratio, 1, 1).data].slice(0, 3).join();
  }, [x, y]);
  assert.equal(await colour({ x: place.x + 60, y: place.y - 6 }), '22,133,106');
  await page.evaluate(() => { conctrace.timeline.show(0, 1e9); conctrace.timeline.scroller.scrollTop = 0; });
  await page.waitForTimeout(200);
  const line = await page.evaluate(() => { const { timeline, runs } = conctrace, row = timeline.rowOf.get(runs[0].lanes[0]), box = timeline.canvas.getBoundingClientRect(); return { x: box.left + timeline.gutter + 20, y: box.top + row.y + row.h - 3 }; });
  assert.equal(await colour(line), '28,33,39');
  await page.click('#path');
  await page.waitForTimeout(200);
  assert.notEqual(await colour(line), '28,33,39');
});

test('hostile names stay text', async (browser) => {
  const opened = await openPage(browser, at('small.html')), { page } = opened;
  assert.match(await page.textContent('#verdict'), /<img src=x onerror=document.title='owned'><\/script><!--$/);
  assert.equal(await page.$$eval('img, b', (all) => all.length), 0);
  assert.match(await page.title(), /^\.\/made '<img src=x/);
  assert.ok((await page.textContent('#twin')).includes('</script><b>x 1000'));
  await checkQuiet(opened);
});

test('the table twin lists the stretches in view', async (browser) => {
  const { page } = await openPage(browser, at('small.html'));
  await page.focus('#lanes');
  await page.keyboard.press('.');
  await page.click('#list');
  assert.equal(await page.$$eval('#stretches tbody tr', (all) => all.length), 100);
  assert.match(await page.textContent('#stretches'), /on a CPU \(running\) for/);
});

test('touch: two fingers zoom, one moves', async (browser) => {
  const { page } = await openPage(browser, at('small.html'), { hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } });
  await page.evaluate(() => document.getElementById('lanes').scrollIntoView());
  const client = await page.context().newCDPSession(page), box = await (await page.$('#lanes')).boundingBox();
  const y = box.y + 100, touch = (type, ...xs) => client.send('Input.dispatchTouchEvent', { type, touchPoints: xs.map((x, id) => ({ x, y, id })) });
  const [, wall] = await range(page);
  await touch('touchStart', box.x + 200, box.x + 240);
  await touch('touchMove', box.x + 180, box.x + 260);
  await touch('touchEnd');
  const [a0, a1] = await range(page);
  assert.ok(a1 - a0 < wall * 0.7);
  await touch('touchStart', box.x + 300);
  await touch('touchMove', box.x + 250);
  await touch('touchMove', box.x + 200);
  await touch('touchEnd');
  assert.ok((await range(page))[0] > a0);
});

test('compare: designs on one axis, each with its label', async (browser) => {
  const { page } = await openPage(browser, at('compare.html'));
  const heads = await page.evaluate(() => conctrace.timeline.rows.filter((r) => r.head).map((r) => r.head));
  assert.ok(heads.some((h) => h.startsWith('serial: ')) && heads.some((h) => h.startsWith('<b>threads: ')));
  const walls = await page.evaluate(() => [conctrace.timeline.wall, Math.max(...conctrace.runs.map((r) => r.wall))]);
  assert.equal(walls[0], walls[1]);
  assert.equal(await page.$$eval('#bars .bar', (all) => all.length), 2);
});

(async () => {
  console.log(`1..${tests.length}`);
  const browser = await launch();
  let number = 0, bad = 0;
  for (const [name, body] of tests) {
    let error = null;
    try { await body(browser); } catch (e) { error = e; bad++; }
    console.log(`${error ? 'not ok' : 'ok'} ${++number} - ${name}`);
    if (error) console.log(String(error.stack).replace(/^/gm, '# '));
    for (const context of browser.contexts()) await context.close();
  }
  await browser.close();
  process.exit(bad ? 1 : 0);
})();
