// Runs the official suite once per revision and judges every scenario against the baseline.
//
//     node run.mjs SUITE_NODE_MODULES OUTPUT_DIR URL REVISION...
//
// `--requirements` runs the scored scenarios of a revision and also those that it does not score
// (pending, newer than the revision, extensions). The suite itself compares only the scored ones
// with the baseline. We hold the rest to it too: every failure or warning must be listed, and
// every entry must still fail. For the scored ones the suite's own verdict must agree with ours.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [modules, output, url, ...revisions] = process.argv.slice(2);
const suite = path.join(modules, '@modelcontextprotocol/conformance');
const yaml = createRequire(path.join(modules, 'x'))('yaml');
const load = (file) => yaml.parse(readFileSync(file, 'utf8'));
const fails = (check) => check.status === 'FAILURE' || check.status === 'WARNING';

/** Runs one revision; the results land in `results`, one folder per scenario. */
function runSuite(revision, baseline, results) {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const args = ['server', '--url', url, '--requirements', revision, '--expected-failures', baseline, '-o', results];
  const run = spawnSync(process.execPath, [path.join(suite, 'dist/index.js'), ...args], {
    encoding: 'utf8', timeout: 15 * 60_000, maxBuffer: 1 << 28,
  });
  writeFileSync(path.join(results, 'suite.log'), run.stdout + run.stderr);
  return run;
}

/** The checks of a scenario, or one failed check when the suite could not finish it. */
function checksOf(results, scenario) {
  const folder = readdirSync(results).find((name) => name.replace(/-\d{4}-\d\d-\d\dT.*$/, '') === `server-${scenario}`);
  try {
    return JSON.parse(readFileSync(path.join(results, folder, 'checks.json'), 'utf8'));
  } catch {
    return [{ id: 'not-finished', status: 'FAILURE', errorMessage: 'see suite.log' }];
  }
}

/** What is wrong with a scenario: failures that are not listed, and entries that no longer fail. */
function judge(checks, entries) {
  const failing = new Set(checks.filter(fails).map((check) => check.id));
  if (entries.includes('')) return { unexpected: [], stale: failing.size ? [] : ['the whole scenario'] };
  const passed = (id) => checks.some((check) => check.id === id && check.status === 'SUCCESS');
  return {
    unexpected: checks.filter((check) => fails(check) && !entries.includes(check.id)),
    stale: entries.filter((id) => !failing.has(id) && passed(id)),
  };
}

function report(scenario, scored, checks, { unexpected, stale }) {
  const failed = checks.filter(fails).length;
  const bad = unexpected.length > 0 || stale.length > 0;
  const mark = unexpected.length ? 'FAIL' : stale.length ? 'STALE' : failed ? 'expected' : 'ok';
  const counts = failed ? `${failed} of ${checks.length} checks fail` : `${checks.length} checks`;
  console.log(`  ${mark.padEnd(9)} ${scenario.padEnd(52)} ${counts}${scored ? '' : ', not scored'}`);
  for (const check of unexpected.slice(0, 8)) {
    const why = (check.errorMessage ?? check.description).replace(/\s+/g, ' ');
    console.log(`            ${check.status} ${check.id}: ${why}`.slice(0, 400));
    if (check.details) console.log(`              ${JSON.stringify(check.details).slice(0, 300)}`);
  }
  if (unexpected.length > 8) console.log(`            and ${unexpected.length - 8} more`);
  for (const entry of stale) console.log(`            passes now, remove from the baseline: ${entry}`);
  return bad;
}

/** Prints one revision; returns how many scenarios are not as the baseline says. */
function runRevision(revision) {
  const baseline = path.join(import.meta.dirname, `expected-${revision}.yml`);
  const results = path.join(output, revision);
  const set = load(path.join(suite, 'requirements', `${revision}.yaml`));
  const unscored = set.not_scored.filter((entry) => entry.leg === 'server').map((entry) => entry.scenario);
  const expected = new Map(); // scenario -> check ids, '' for the whole scenario
  for (const entry of load(baseline).server ?? []) {
    const [scenario, check = ''] = entry.split(':');
    expected.set(scenario, [...(expected.get(scenario) ?? []), check]);
  }

  console.log(`\n${revision}: ${set.server.length} scored scenarios, ${unscored.length} more`);
  const verdict = runSuite(revision, baseline, results);
  let bad = 0;
  let scoredBad = 0;
  for (const scenario of [...set.server, ...unscored]) {
    const scored = set.server.includes(scenario);
    const checks = checksOf(results, scenario);
    const wrong = report(scenario, scored, checks, judge(checks, expected.get(scenario) ?? []));
    expected.delete(scenario);
    bad += wrong;
    scoredBad += scored && wrong;
  }
  for (const scenario of expected.keys()) {
    console.log(`  FAIL      ${scenario}: in the baseline, but ${revision} has no such scenario`);
    bad += 1;
  }
  if ((verdict.status !== 0) !== (scoredBad > 0)) {
    console.log(`  FAIL      the suite ended with ${verdict.status ?? verdict.signal ?? verdict.error}; the end of suite.log:`);
    console.log(readFileSync(path.join(results, 'suite.log'), 'utf8').split('\n').slice(-25).join('\n'));
    bad += 1;
  }
  console.log(bad ? `  ${bad} not as expected; details: ${results}` : '  all as expected');
  return bad;
}

const bad = revisions.map(runRevision).reduce((sum, one) => sum + one, 0);
process.exit(bad ? 1 : 0);
