import { brokenWords, capital, episodeFacts, lineOf, sentenceOf, stateWords } from '#core/mails/incident-words.ts';
import type { Anomaly } from '#schemas/api/detection.ts';
import type { FollowedEpisode } from './detection.ts';

/** An alert with the words of its mail. */
export function anomalyOf({ episode, state }: FollowedEpisode): Anomaly {
  return {
    ...episode,
    state,
    words: {
      line: capital(lineOf(episode, state)),
      sentence: sentenceOf(episode, state),
      state: stateWords(episode, state),
      facts: episodeFacts(episode),
      broken: episode.broken.map(brokenWords),
    },
  };
}
