import type { ChannelMessage } from './message.ts';
import { escapeMarkup, headingOf, joinLines, linkText } from './text.ts';

/**
 * Builds the body for `sendMessage` of the Bot API.
 * @see https://core.telegram.org/bots/api#sendmessage (4,096 characters without markup)
 */
export function telegramBody(message: ChannelMessage, chat: string) {
  const heading = `<b>${escape(headingOf(message, 300))}</b>`;
  const link = `<a href="${escapeMarkup(message.dashboard)}">${linkText}</a>`;
  return {
    chat_id: chat,
    text: `${heading}\n${joinLines(message.lines, 3000, escape)}\n${link}`,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  };
}

/** Telegram makes a mention of `@name` and a command of `/name` in any text, but not with a word joiner in it. */
function escape(text: string): string {
  return escapeMarkup(text).replace(/[@/#](?=\w)/g, '$&\u2060');
}
