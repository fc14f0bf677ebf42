export const otherFamily = 'Other';

/** Returns our name for a browser that the parser found, `Other` if it is not listed, NULL if there is none. */
export function browserFamily(name: string | undefined): string | null {
  return familyIn(browserTable, name);
}

/**
 * Every browser family that a row may contain. Browsers and systems become attribute names of hot counters, and user
 * agents are untrusted text. Any other is `Other`, so that a sender cannot create a thousand attributes.
 */
const browsers = `
  2345, 360, Alipay, Amaya, Android Browser, Arora, Avant, Avast Secure Browser, AVG Secure Browser, Baidu,
  Basilisk, Blazer, Bolt, Bowser, Brave, Camino, Chimera, Chrome, Chrome Headless, Chrome WebView, Chromium,
  Cobalt, Coc Coc, Conkeror, Daum, Dillo, Discord, Dolphin, Doris, Dragon, DuckDuckGo, Edge, Electron, Epiphany, Facebook,
  Falkon, Fennec, Firebird, Firefox, Firefox Focus, Firefox Reality, Flock, Flow, Google App, Helio, HeyTap,
  Huawei Browser, iCab, IceApe, IceCat, IceDragon, Iceweasel, IE, IEMobile, Instagram, Iridium, Iron, Jasmine,
  K-Meleon, KakaoStory, KakaoTalk, KHTML, Kindle, Klar, Klarna, Konqueror, Ladybird, LBBROWSER, LibreWolf, Line,
  LinkedIn, Links, Lunascape, Lynx, Maemo Browser, Maxthon, Messenger, Microsoft Teams, Midori, Minimo, MIUI Browser, Mosaic,
  Mozilla, Naver, NetFront, Netscape, NetSurf, NokiaBrowser, Obigo, Oculus Browser, OmniWeb, Opera, Opera Coast,
  Opera GX, Opera Mini, Opera Mobi, Opera Tablet, Opera Touch, Ovi, OviBrowser, PaleMoon, PhantomJS, Phoenix,
  Pico Browser, Pinterest, Polaris, Puffin, QQBrowser, QQBrowserLite, Quark, QupZilla, Reddit, rekonq, RockMelt,
  Safari, Sailfish Browser, Samsung Internet, SeaMonkey, Silk, Skyfire, Sleipnir, SlimBoat, SlimBrowser, Slimjet, Slack,
  Smart Lenovo Browser, Snapchat, Sogou Explorer, Sogou Mobile, Swiftfox, Telegram, Tesla, Threads, TikTok,
  TizenBrowser, Twitter, UCBrowser, UP.Browser, Vivaldi, Vivo Browser, w3m, Waterfox, WebKit, WeChat, Weibo, Whale, WhatsApp,
  Wolvic, Yandex
`
  .trim()
  .split(/,\s+/);

/** The parser's names (lower case, without spaces) that differ from ours. */
const browserTable = tableOf(browsers, {
  mobilesafari: 'Safari',
  gsa: 'Google App',
  ucbrowser: 'UCBrowser',
  huaweibrowser: 'Huawei Browser',
  oculusbrowser: 'Oculus Browser',
  operamobile: 'Opera Mobi',
  avastsecurebrowser: 'Avast Secure Browser',
});

function familyIn(table: ReadonlyMap<string, string>, name: string | undefined): string | null {
  return name ? (table.get(keyOf(name)) ?? otherFamily) : null;
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}

const systems = `
  AIX, AmigaOS, Android, Android-x86, Arch, Bada, BeOS, BlackBerry, CentOS, Chromecast, ChromeOS, Contiki, Debian,
  deepin, DragonFly, elementary OS, Fedora, Firefox OS, FreeBSD, Fuchsia, Gentoo, GhostBSD, GNU, Haiku, HarmonyOS,
  HP-UX, Hurd, iOS, Joli, KaiOS, Kubuntu, Linpus, Linspire, Linux, Lubuntu, macOS, Maemo, Mageia, Mandriva,
  Manjaro, MeeGo, MINIX, Mint, MorphOS, NetBSD, Netrange, NetTV, Nintendo, OpenBSD, OpenHarmony, OpenSolaris,
  openSUSE, OpenVMS, OS/2, Palm, PC-BSD, PCLinuxOS, Plan 9, PlayStation, QNX, Raspbian, Red Hat, RIM Tablet OS,
  RISC OS, Sabayon, Sailfish, SerenityOS, Series40, Slackware, Solaris, SUSE, Symbian, Tizen, Ubuntu, Ubuntu Touch,
  UNIX, VectorLinux, Viera, watchOS, webOS, Windows, Windows IoT, Windows Mobile, Windows Phone, Xbox, Xubuntu,
  Zenwalk
`
  .trim()
  .split(/,\s+/);

const systemTable = tableOf(systems, {
  macos: 'macOS',
  chromiumos: 'ChromeOS',
  windowsphoneos: 'Windows Phone',
  redhat: 'Red Hat',
  web0s: 'webOS',
});

export function systemFamily(name: string | undefined): string | null {
  return familyIn(systemTable, name);
}

function tableOf(names: readonly string[], others: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map([...names.map((name) => [keyOf(name), name] as const), ...Object.entries(others)]);
}
