import { describe, expect, it } from 'vitest';
import { campaignOf } from './campaign.ts';
import { classifyTags } from './campaign-class.ts';
import { referralOf } from './referrer.ts';

function classify(referrer: string | null, query = ''): string {
  const { class: kind, name } = referralOf(referrer, campaignOf(query), '/ada', { ownHosts: new Set() }, null);
  return name === null ? String(kind) : `${kind} ${name}`;
}

describe('a referrer', () => {
  it.each([
    ['https://www.google.com/', 'search Google'],
    ['https://www.google.co.uk/url', 'search Google'],
    ['https://google.de/imgres', 'search Google Images'],
    ['https://mail.google.com/', 'email Gmail'],
    ['https://meet.google.com/', 'other Google Meet'],
    ['https://chat.google.com/', 'other Google Chat'],
    ['https://classroom.google.com/', 'other Google Classroom'],
    ['https://docs.google.com/', 'other Google Docs'],
    ['https://keep.google.com/', 'other Google'],
    ['https://gemini.google.com/', 'ai Gemini'],
    ['https://www.google.com/aclk', 'paid Google'],
    ['https://googleads.g.doubleclick.net/', 'paid Google'],
    ['https://tpc.googlesyndication.com/', 'paid Google'],
    ['https://syndicatedsearch.goog/', 'paid Google'],
    ['https://ad.doubleclick.net/', 'paid DoubleClick'],
    ['https://www.bing.com/', 'search Bing'],
    ['https://www.bing.com/chat', 'ai Copilot'],
    ['https://rewards.bing.com/', 'other Bing'],
    ['https://fr.search.yahoo.com/', 'search Yahoo'],
    ['https://mail.yahoo.com/', 'email Yahoo Mail'],
    ['https://finance.yahoo.com/', 'other Yahoo Finance'],
    ['https://sports.yahoo.com/', 'other Yahoo'],
    ['https://m.search.naver.com/', 'search Naver'],
    ['https://mail.naver.com/', 'email Naver Mail'],
    ['https://blog.naver.com/', 'social Naver Blog'],
    ['https://map.naver.com/', 'other Naver'],
    ['https://www.baidu.com/', 'search Baidu'],
    ['https://tieba.baidu.com/', 'social Baidu Tieba'],
    ['https://pan.baidu.com/', 'other Baidu'],
    ['https://mail.qq.com/', 'email QQ Mail'],
    ['https://docs.qq.com/', 'other QQ'],
    ['https://yandex.com.tr/', 'search Yandex'],
    ['https://disk.yandex.ru/', 'other Yandex'],
    ['https://lemoteur.orange.fr/', 'search Orange'],
    ['https://messagerie.orange.fr/', 'email Orange Mail'],
    ['https://actu.orange.fr/', 'other Orange'],
  ])('%s: the portal’s product is %s', (referrer, expected) => {
    expect(classify(referrer)).toBe(expected);
  });

  it.each([
    ['https://lightmailer.gmx.at/', 'email GMX'],
    ['https://deref-web.de/', 'email Web.de'],
    ['https://email.ionos.fr/', 'email IONOS'],
    ['https://deref-mail.com/', 'email mail.com'],
    ['https://email.bluewin.ch/', 'email Bluewin'],
    ['https://mail.infomaniak.com/', 'email Infomaniak'],
    ['https://webmail.tim.it/', 'email TIM'],
    ['https://poczta.onet.pl/', 'email Onet Poczta'],
    ['https://outlook.cloud.microsoft/', 'email Outlook'],
    ['https://webmail.small-firm.example/', 'email'],
    ['https://mastodon.small-town.example/', 'social Mastodon'],
    ['https://m365.cloud.microsoft/', 'ai Copilot'],
    ['https://loop.cloud.microsoft/', 'other Microsoft 365'],
    ['https://copilot.com/', 'ai Copilot'],
    ['https://x.com/i/grok', 'ai Grok'],
    ['https://x.com/i/grokipedia', 'social X'],
    ['https://x.com/', 'social X'],
  ])('%s is %s', (referrer, expected) => {
    expect(classify(referrer)).toBe(expected);
  });

  it.each([
    ['android-app://com.google.android.gm/', 'email Gmail'],
    ['android-app://com.google.android.googlequicksearchbox/https/www.google.com', 'search Google'],
    ['android-app://com.Slack/', 'social Slack'],
    ['android-app://com.linkedin.android.learning/', 'social LinkedIn'],
    ['android-app://com.example.reader/', 'other'],
    // The reversed name of a package counts for apps only.
    ['https://com.facebook.evil.example/', 'other'],
  ])('%s is the app %s', (referrer, expected) => {
    expect(classify(referrer)).toBe(expected);
  });

  it.each(['about:blank', 'about:srcdoc'])('%s of a frame is none', (referrer) => {
    expect(classify(referrer)).toBe('direct');
  });

  it.each([
    'https://notgoogle.com/',
    'https://google.com.evil.example/',
    'https://google.evil.com/',
    'https://mail.google.com.evil.example/',
    'https://evil.example/https://www.google.com/',
    // A Cyrillic о.
    'https://gооgle.com/',
    'https://142.250.1.1/',
    'http://[2a00:1450:4001::64]/',
    'http://localhost:3000/',
    'http://intranet/',
    'https://webmail/',
    'https://com/',
    'ftp://google.com/',
    'file:///home/ada/google.com.html',
  ])('%s only looks like a source', (referrer) => {
    expect(classify(referrer)).toBe('other');
  });

  it.each([
    'https://WWW.Google.COM/',
    'https://www.google.com:443/',
    'http://google.com:8080/',
    'https://google.com./',
  ])('%s is read whatever its case, port and final dot', (referrer) => {
    expect(classify(referrer)).toBe('search Google');
  });
});

/** Google's rules, each with a medium and a source that it names: support.google.com/analytics/answer/9756891 */
it.each([
  ['Cross-network', 'utm_source=google&utm_campaign=summer-cross-network', 'paid Google'],
  ['Paid Search', 'utm_source=google&utm_medium=cpc', 'paid Google'],
  ['Paid Social', 'utm_source=facebook&utm_medium=paid_social', 'paid Facebook'],
  ['Paid Video', 'utm_source=youtube&utm_medium=cpv', 'paid YouTube'],
  ['Paid Shopping', 'utm_source=shop.example&utm_medium=ppc&utm_campaign=shopping', 'paid'],
  ['Paid Other', 'utm_source=partner&utm_medium=retargeting', 'paid'],
  ['Paid Other', 'utm_source=partner&utm_medium=paidinfluencer', 'paid'],
  ['Display', 'utm_source=partner&utm_medium=interstitial', 'paid'],
  ['Display', 'utm_source=partner&utm_medium=expandable', 'paid'],
  ['Display', 'utm_source=partner&utm_medium=cpm', 'paid'],
  ['Organic Social', 'utm_source=partner&utm_medium=social-media', 'social'],
  ['Organic Social', 'utm_source=l.instagram.com&utm_medium=referral', 'social Instagram'],
  ['Organic Social', 'utm_source=ig', 'social Instagram'],
  ['Organic Social', 'utm_source=facebook&utm_medium=email', 'social Facebook'],
  ['Organic Video', 'utm_source=partner&utm_medium=video-post', 'social'],
  ['Organic Search', 'utm_source=partner&utm_medium=organic', 'search'],
  ['Organic Search', 'utm_source=google.de', 'search Google'],
  ['Email', 'utm_source=e_mail', 'email'],
  ['Email', 'utm_source=partner&utm_medium=e mail', 'email'],
  ['Affiliates', 'utm_source=partner&utm_medium=affiliate', 'other'],
  ['Referral', 'utm_source=partner&utm_medium=referral', 'other'],
  ['Audio', 'utm_source=podcast&utm_medium=audio', 'other'],
  ['SMS', 'utm_source=sms', 'other'],
  ['Mobile Push Notifications', 'utm_source=app&utm_medium=mobile-push', 'other'],
  ['our AI', 'utm_source=chatgpt.com', 'ai ChatGPT'],
  ['our AI', 'utm_source=partner&utm_medium=llm', 'ai'],
  ['our words', 'utm_source=spring&utm_medium=newsletter', 'email'],
  ['any case', 'utm_source=GOOGLE&utm_medium=CPC', 'paid Google'],
  ['escaped twice', 'utm_source=https%253A%252F%252Fwww.facebook.com%252F&utm_medium=paid%2520social', 'paid Facebook'],
  ['a broken escape', 'utm_source=100%25zz%2541&utm_medium=social%2520media', 'social'],
  ['a word inside another', 'utm_source=unpaid&utm_medium=prepaid', 'other'],
  ['a name inside another', 'utm_source=notfacebook&utm_medium=socialite', 'other'],
])('%s: %s is %s', (_, query, expected) => {
  expect(classify(null, query)).toBe(expected);
});

it('is silent about a query without tags', () => {
  expect(classifyTags(campaignOf('utm_content=a&gclid='))).toBeNull();
});

it.each([
  ['gclid', 'paid Google'],
  ['gbraid', 'paid Google'],
  ['wbraid', 'paid Google'],
  ['gad_source', 'paid Google'],
  ['msclkid', 'paid Bing'],
  ['ttclid', 'paid TikTok'],
  ['twclid', 'paid X'],
  ['li_fat_id', 'paid LinkedIn'],
  ['ScCid', 'paid Snapchat'],
  ['fbclid', 'social Facebook'],
  ['ysclid', 'search Yandex'],
  ['mc_eid', 'email Mailchimp'],
])('a visit with %s alone is %s', (id, expected) => {
  expect(classify(null, `${id}=`)).toBe(expected);
});

it('tags outrank the site, an ad’s click id outranks tags, and a site outranks a free click id', () => {
  expect(classify('https://www.google.com/', 'utm_source=chatgpt.com')).toBe('ai ChatGPT');
  expect(classify('https://www.google.com/', 'utm_source=partner&utm_medium=referral')).toBe('search Google');
  expect(classify('https://www.google.com/', 'msclkid=&utm_medium=email')).toBe('paid Bing');
  expect(classify('https://www.reddit.com/', 'fbclid=')).toBe('social Reddit');
  expect(classify('https://blog.example/', 'fbclid=')).toBe('social Facebook');
});
