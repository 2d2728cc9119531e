// What a User-Agent says to a person: which browser on which system. Names only; nothing is decided by it.
const browsers: [RegExp, string][] = [
  [/\bcoc_coc_browser\/(\d+)/, 'Cốc Cốc'],
  [/\bEdgA?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\bSamsungBrowser\/(\d+)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:Headless)?(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/\bWindows NT\b/, 'Windows'],
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** "Chrome 126, Windows"; the beginning of what it says for one that is not known; "" for none. */
export function agentName(agent: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(agent));
  if (!browser) return agent.slice(0, 40);
  const system = systems.find(([pattern]) => pattern.test(agent));
  const name = `${browser[1]} ${browser[0].exec(agent)?.[1] ?? ''}`;
  return system ? `${name}, ${system[1]}` : name;
}
