import { brokenWords, capital, incidentFacts, lineOf, sentenceOf, stateWords } from '#core/mails/incident-words.ts';
import type { Anomaly } from '#schemas/api/detection.ts';
import type { FollowedIncident } from './detection.ts';

/** An alert with the words of its mail. */
export function anomalyOf({ incident, state }: FollowedIncident): Anomaly {
  return {
    ...incident,
    state,
    words: {
      line: capital(lineOf(incident, state)),
      sentence: sentenceOf(incident, state),
      state: stateWords(incident, state),
      facts: incidentFacts(incident),
      broken: incident.broken.map(brokenWords),
    },
  };
}
