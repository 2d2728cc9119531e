import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentName } from '../src/lib/agent.ts';

const mozilla = 'Mozilla/5.0';
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test('names the browser and the system of a User-Agent', () => {
  const known: [string, string][] = [
    [
      `${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/126.0.0.0 Safari/537.36`,
      'Chrome 126, Windows',
    ],
    [
      `${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/126.0.0.0 Safari/537.36 Edg/125.0.1`,
      'Edge 125, Windows',
    ],
    [
      `${mozilla} (X11; Linux x86_64) ${webkit} HeadlessChrome/120.0.0.0 Safari/537.36`,
      'Chrome 120, Linux',
    ],
    [
      `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15`,
      'Safari 17, macOS',
    ],
    [
      `${mozilla} (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1`,
      'Safari 17, iOS',
    ],
    [`${mozilla} (Windows NT 10.0; rv:127.0) Gecko/20100101 Firefox/127.0`, 'Firefox 127, Windows'],
    [
      `${mozilla} (Linux; Android 14; SM-S921B) ${webkit} Chrome/126.0.0.0 Mobile Safari/537.36`,
      'Chrome 126, Android',
    ],
  ];
  for (const [agent, name] of known) assert.equal(agentName(agent), name);
});

test('shows the beginning of a User-Agent it does not know', () => {
  assert.equal(agentName('curl/8.5.0'), 'curl/8.5.0');
  assert.equal(agentName('x'.repeat(200)), 'x'.repeat(40));
  assert.equal(agentName(''), '');
});
