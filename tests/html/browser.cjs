// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// A page of a run, opened from disk, with an ear for what it must not do: ask for anything, or complain.
const path = require('node:path');
const { chromium } = require('playwright-core');

async function openPage(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', ...options });
  const page = await context.newPage(), asked = [], said = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') said.push(message.text()); });
  page.on('pageerror', (error) => said.push(error.message));
  page.on('dialog', (dialog) => { said.push(dialog.message()); dialog.dismiss(); });
  await page.addInitScript(() => {
    window.refused = [];
    document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective));
  });
  await page.goto(`file://${path.resolve(file)}`);
  await page.waitForSelector('html[data-ready]', { timeout: 60000, state: 'attached' });
  return { page, asked, said };
}

const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'], timeout: 60000 });

module.exports = { launch, openPage };
