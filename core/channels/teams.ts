import type { ChannelMessage } from './message.ts';
import { headingOf, joinLines, linkText } from './text.ts';

/**
 * Builds the body for a webhook of Teams Workflows: an Adaptive Card. Text runs have no Markdown, unlike text blocks, and
 * a mention needs an entity, which the card has none of. A card may have 28 KB.
 * @see https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook
 */
export function teamsBody(message: ChannelMessage) {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            textBlock({ text: headingOf(message, 300), weight: 'Bolder', size: 'Medium' }),
            ...joinLines(message.lines, 8000)
              .split('\n')
              .map((text) => textBlock({ text })),
          ],
          actions: [{ type: 'Action.OpenUrl', title: linkText, url: message.dashboard }],
        },
      },
    ],
  };
}

function textBlock(run: { text: string; weight?: string; size?: string }) {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', ...run }] };
}
