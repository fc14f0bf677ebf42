import type { ReferrerClass } from '#schemas/event.ts';

/** A well-known source: its class and display name. */
export interface Source {
  class: Extract<ReferrerClass, 'search' | 'social' | 'email' | 'ai' | 'other'> | 'spam';
  name: string;
}

/** Returns the well-known source that a `utm_source` names by name, common short form or host. */
export function sourceOfName(name: string): Source | undefined {
  const key = name.toLowerCase().replace(/^www\./, '');
  return sourcesByName.get(key) ?? (key.includes('.') ? sourceOfHost(key) : undefined);
}

/**
 * Hosts by class and name. A host includes its subdomains unless a longer host is listed: `mail.google.com` is e-mail,
 * `google.com` is search. The host of an Android app is its package name.
 */
const table: Readonly<Record<Source['class'], string>> = {
  search: `
    Google: google.com com.google.android.googlequicksearchbox
    Bing: bing.com com.microsoft.bing
    Yahoo: search.yahoo.com yahoo.com yahoo.co.jp
    DuckDuckGo: duckduckgo.com com.duckduckgo.mobile.android
    Yandex: yandex.ru yandex.com yandex.by yandex.kz yandex.com.tr ya.ru
    Baidu: baidu.com
    Ecosia: ecosia.org
    Startpage: startpage.com startpage.co.uk
    Brave Search: search.brave.com
    Qwant: qwant.com
    Kagi: kagi.com
    Mojeek: mojeek.com
    Naver: naver.com
    Daum: daum.net
    Seznam: seznam.cz
    Sogou: sogou.com
    360 Search: so.com
    Shenma: sm.cn
    Swisscows: swisscows.com swisscows.ch
    Presearch: presearch.com presearch.org
    MetaGer: metager.org metager.de
    SearXNG: searx.be searx.me
    Ask: ask.com
    AOL: search.aol.com aol.com
    Dogpile: dogpile.com
    Lycos: lycos.com
    WebCrawler: webcrawler.com
    Info.com: info.com
    Excite: excite.com
    Gigablast: gigablast.com
    Coc Coc: coccoc.com
    Rambler: rambler.ru nova.rambler.ru
    Mail.ru Search: go.mail.ru
    Virgilio: virgilio.it
    Onet: szukaj.onet.pl
    Petal Search: petalsearch.com
    Google Images: images.google.com
    Yippy: yippy.com
    Babylon: search.babylon.com
    Conduit: search.conduit.com
    AVG Search: isearch.avg.com
    Comcast: search.comcast.net search.xfinity.com
    T-Online: suche.t-online.de
    Web.de Search: suche.web.de
    GMX Search: suche.gmx.net
    You.com: you.com
  `,
  social: `
    Facebook: facebook.com fb.com fb.me com.facebook.katana com.facebook.lite
    Messenger: messenger.com m.me com.facebook.orca
    Instagram: instagram.com com.instagram.android ig.me
    Threads: threads.net threads.com com.instagram.barcelona
    X: twitter.com x.com t.co com.twitter.android
    LinkedIn: linkedin.com lnkd.in com.linkedin.android
    TikTok: tiktok.com com.zhiliaoapp.musically com.ss.android.ugc.trill
    YouTube: youtube.com youtu.be com.google.android.youtube
    Pinterest: pinterest.com pin.it com.pinterest
    Reddit: reddit.com redd.it com.reddit.frontpage
    Snapchat: snapchat.com com.snapchat.android
    WhatsApp: whatsapp.com wa.me com.whatsapp com.whatsapp.w4b
    Telegram: telegram.org t.me telegram.me org.telegram.messenger org.telegram.plus
    Discord: discord.com discord.gg discordapp.com com.discord
    Slack: slack.com com.slack
    Microsoft Teams: teams.microsoft.com teams.live.com com.microsoft.teams
    Bluesky: bsky.app go.bsky.app xyz.blueskyweb.app
    Mastodon: mastodon.social mastodon.online mstdn.social fosstodon.org hachyderm.io infosec.exchange mas.to chaos.social org.joinmastodon.android
    Tumblr: tumblr.com t.umblr.com com.tumblr
    VK: vk.com vk.ru vkontakte.ru com.vkontakte.android
    Odnoklassniki: ok.ru odnoklassniki.ru
    Weibo: weibo.com weibo.cn t.cn com.sina.weibo
    WeChat: weixin.qq.com mp.weixin.qq.com wechat.com com.tencent.mm
    QQ: qq.com qzone.qq.com
    Douyin: douyin.com iesdouyin.com
    Xiaohongshu: xiaohongshu.com xhslink.com
    Bilibili: bilibili.com b23.tv
    Zhihu: zhihu.com
    Douban: douban.com
    Line: line.me jp.naver.line.android
    KakaoTalk: kakao.com com.kakao.talk
    Viber: viber.com com.viber.voip
    Skype: skype.com com.skype.raider
    Signal: signal.org org.thoughtcrime.securesms
    Quora: quora.com
    Hacker News: news.ycombinator.com hn.algolia.com
    Lobsters: lobste.rs
    Product Hunt: producthunt.com
    Stack Overflow: stackoverflow.com stackexchange.com serverfault.com superuser.com askubuntu.com
    GitHub: github.com gist.github.com
    Medium: medium.com com.medium.reader
    Substack: substack.com
    Patreon: patreon.com
    Twitch: twitch.tv tv.twitch.android.app
    Vimeo: vimeo.com
    Dailymotion: dailymotion.com
    SoundCloud: soundcloud.com
    Spotify: spotify.com open.spotify.com com.spotify.music
    Flickr: flickr.com
    DeviantArt: deviantart.com
    Behance: behance.net
    Dribbble: dribbble.com
    Goodreads: goodreads.com
    Nextdoor: nextdoor.com
    Meetup: meetup.com
    XING: xing.com
    StumbleUpon: stumbleupon.com
    Mix: mix.com
    Digg: digg.com
    Slashdot: slashdot.org
    Delicious: delicious.com del.icio.us
    Diigo: diigo.com
    Pocket: getpocket.com
    Instapaper: instapaper.com
    Flipboard: flipboard.com flip.it
    Imgur: imgur.com
    9GAG: 9gag.com
    LiveJournal: livejournal.com
    MySpace: myspace.com
    Google+: plus.google.com plus.url.google.com
    Linktree: linktr.ee
    Beacons: beacons.ai
    Ko-fi: ko-fi.com
    BeReal: bereal.com
    Clubhouse: clubhouse.com joinclubhouse.com
    Truth Social: truthsocial.com
    Gab: gab.com
    Parler: parler.com
    Lemmy: lemmy.world lemmy.ml
    Weverse: weverse.io
    Disqus: disqus.com
    Hootsuite: ow.ly hootsuite.com
    Buffer: buff.ly buffer.com
  `,
  email: `
    Gmail: mail.google.com inbox.google.com com.google.android.gm
    Outlook: outlook.live.com outlook.com outlook.office.com outlook.office365.com mail.live.com hotmail.com safelinks.protection.outlook.com com.microsoft.office.outlook
    Yahoo Mail: mail.yahoo.com mail.yahoo.co.jp com.yahoo.mobile.client.android.mail
    iCloud Mail: icloud.com
    Proton Mail: mail.proton.me mail.protonmail.com ch.protonmail.android
    Fastmail: app.fastmail.com fastmail.com
    Zoho Mail: mail.zoho.com mail.zoho.eu
    GMX: gmx.net gmx.com gmx.de gmx.at
    Web.de: web.de
    AOL Mail: mail.aol.com
    Yandex Mail: mail.yandex.ru mail.yandex.com
    Mail.ru: mail.ru e.mail.ru
    QQ Mail: mail.qq.com
    163 Mail: mail.163.com
    126 Mail: mail.126.com
    Naver Mail: mail.naver.com
    Daum Mail: mail.daum.net
    Tuta: app.tuta.com mail.tutanota.com
    HEY: app.hey.com
    Orange Mail: messagerie.orange.fr mail01.orange.fr webmail.orange.fr
    Free Webmail: webmail.free.fr zimbra.free.fr
    Laposte: webmail.laposte.net
    Libero Mail: mail.libero.it
    Xfinity Mail: connect.xfinity.com
    Rediffmail: mail.rediff.com
    Seznam Email: email.seznam.cz
    T-Online Mail: email.t-online.de
    Mailchimp: mailchimp.com mailchi.mp list-manage.com
    Beehiiv: beehiiv.com
    Kit: convertkit.com ck.page
  `,
  ai: `
    ChatGPT: chatgpt.com chat.openai.com openai.com com.openai.chatgpt
    Perplexity: perplexity.ai ai.perplexity.app.android
    Claude: claude.ai anthropic.com com.anthropic.claude
    Gemini: gemini.google.com bard.google.com com.google.android.apps.bard
    NotebookLM: notebooklm.google.com notebooklm.google
    Copilot: copilot.microsoft.com copilot.cloud.microsoft com.microsoft.copilot
    Meta AI: meta.ai
    Grok: grok.com x.ai
    DeepSeek: chat.deepseek.com deepseek.com
    Mistral: chat.mistral.ai mistral.ai
    Poe: poe.com
    Phind: phind.com
    HuggingChat: huggingface.co
    Kimi: kimi.com kimi.moonshot.cn
    Qwen: chat.qwen.ai tongyi.aliyun.com
    Doubao: doubao.com
    Character.AI: character.ai
    Pi: pi.ai
    DuckAssist: duck.ai
    iAsk: iask.ai
    Komo: komo.ai
    Andi: andisearch.com
  `,
  other: `
    Google News: news.google.com
    Google Translate: translate.google.com translate.googleusercontent.com
    Google Docs: docs.google.com
    Google Groups: groups.google.com
    Google Maps: maps.google.com
    Google Cache: webcache.googleusercontent.com
    Feedly: feedly.com
    Wikipedia: wikipedia.org
    Apple News: apple.news
    Yahoo News: news.yahoo.com
    Bitly: bit.ly bitly.com
    TinyURL: tinyurl.com
  `,
  // Referrers that robots forge to appear in reports; these sites link to no one.
  spam: `
    Semalt: semalt.com semalt.net semaltmedia.com
    Buttons for website: buttons-for-website.com buttons-for-your-website.com
    Darodar: darodar.com
    Econom: econom.co
    iLoveVitaly: ilovevitaly.com ilovevitaly.co ilovevitaly.ru
    Hulfington Post: hulfingtonpost.com
    Best SEO offer: best-seo-offer.com best-seo-solution.com
    Free share buttons: free-share-buttons.com free-social-buttons.com get-free-traffic-now.com
    Make money online: make-money-online.7makemoneyonline.com 7makemoneyonline.com
    Trafficmonetize: trafficmonetize.org trafficmonetizer.org
    Event tracking: event-tracking.com
    Success SEO: success-seo.com
    Bottraffic: bottraffic.com bottraffic.live
    Priceg: priceg.com
    Blackhatworth: blackhatworth.com
    Savetubevideo: savetubevideo.com kambasoft.com
  `,
};

const kinds = ['search', 'social', 'email', 'ai', 'other', 'spam'] as const satisfies readonly Source['class'][];

const sources: ReadonlyMap<string, Source> = new Map(
  kinds.flatMap((kind) => linesOf(table[kind]).flatMap((line) => entriesOf(kind, line))),
);

const sourcesByName: ReadonlyMap<string, Source> = new Map([
  ...Array.from(sources.values(), (source) => [source.name.toLowerCase(), source] as const),
  // Common spellings in `utm_source`.
  ...(
    [
      ['fb', 'facebook.com'],
      ['ig', 'instagram.com'],
      ['insta', 'instagram.com'],
      ['twitter', 'x.com'],
      ['tw', 'x.com'],
      ['yt', 'youtube.com'],
      ['wa', 'whatsapp.com'],
      ['tg', 'telegram.org'],
      ['openai', 'chatgpt.com'],
      ['adwords', 'google.com'],
      ['hackernews', 'news.ycombinator.com'],
      ['microsoft', 'bing.com'],
    ] as const
  ).flatMap(([name, host]) => {
    const source = sources.get(host);
    return source ? [[name, source] as const] : [];
  }),
]);

/** Returns the well-known source of a host, which is in lower case and without `www.`. */
export function sourceOfHost(host: string): Source | undefined {
  return lookUp(host) ?? lookUp(ofCountry(host));
}

function lookUp(host: string): Source | undefined {
  for (let rest = host; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
    const source = sources.get(rest);
    if (source) return source;
    if (!rest.includes('.')) return undefined;
  }
  return undefined;
}

/** Sites with a domain per country: `google.co.uk`, `yandex.ua`, `pinterest.de`. */
const countrySites: readonly (readonly [pattern: RegExp, host: string])[] = [
  [/(?:^|\.)google\.(?:[a-z]{2}|com?\.[a-z]{2})$/, 'google.com'],
  [/(?:^|\.)yahoo\.(?:[a-z]{2}|com?\.[a-z]{2})$/, 'yahoo.com'],
  [/(?:^|\.)yandex\.[a-z]{2,3}$/, 'yandex.ru'],
  [/(?:^|\.)pinterest\.(?:[a-z]{2}|com?\.[a-z]{2})$/, 'pinterest.com'],
];

/** Converts a country's host, `mail.google.de` → `mail.google.com`, so that the table need not list countries. */
function ofCountry(host: string): string {
  for (const [pattern, site] of countrySites)
    if (pattern.test(host)) return host.replace(pattern, (match) => (match.startsWith('.') ? `.${site}` : site));
  return host;
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

function entriesOf(kind: Source['class'], line: string): [string, Source][] {
  const [name = '', hosts = ''] = line.split(': ');
  return hosts.split(' ').map((host) => [host, { class: kind, name }]);
}
