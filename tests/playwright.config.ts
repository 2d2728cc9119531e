// The whole-system suites: integration, fault and e2e. Run by ./test, each against the build named by ASSIZE_BUILD.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  outputDir: '../test-results/playwright',
  reporter: [['./support/reporter.ts']],
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 20_000 }, // machines differ; speed is for ./bench to show
  workers: 2,
  fullyParallel: false,
  projects: [
    { name: 'integration', testDir: 'integration' },
    // Deadlines of seconds are measured here, so nothing runs beside them.
    { name: 'fault', testDir: 'fault', workers: 1, timeout: 90_000 },
    { name: 'e2e', testDir: 'e2e', workers: 1, timeout: 300_000 },
  ],
});
