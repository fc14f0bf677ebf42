import { findField, type ImportField, importFields, listFields, neededFields, toPlainName } from './fields.ts';
import { findHistory, findTool, type Tool } from './tools.ts';

/** What the user says about a column: its field, or that it is not imported. By name of the column. */
export type ColumnChoices = Readonly<Record<string, ImportField | 'ignore'>>;

/** What must be decided before a file can be imported. */
export interface Question {
  /** The field of which two columns say something, or none; `zone` for times without one. */
  about: ImportField | 'zone';
  message: string;
}

export interface ColumnMap {
  tool: Tool | undefined;
  /** By column; undefined: not imported. */
  fields: (ImportField | undefined)[];
  questions: Question[];
}

/** Finds out what the columns of a file mean: what the user says, else what the tool means by them, else by their names. */
export function mapColumns(columns: readonly string[], choices: ColumnChoices = {}): ColumnMap {
  // Of a repeated name, `title (2)`, without its number.
  const names = columns.map((column) => toPlainName(column.replace(/ \(\d+\)$/, '')));
  const tool = findTool(names);
  const code = tool?.codes.find((name) => names.includes(name));
  function read(name: string): ImportField | undefined {
    if (name === code) return 'code';
    if (tool?.codes.includes(name)) return undefined;
    const meant = tool?.fields?.[name];
    return meant === undefined ? findField(name) : (meant ?? undefined);
  }
  const chosen = new Set(Object.values(choices));
  const fields = columns.map((column, index) => {
    const choice = Object.hasOwn(choices, column) ? choices[column] : undefined;
    if (choice !== undefined) return choice === 'ignore' ? undefined : choice;
    const field = read(names[index] ?? '');
    return field !== undefined && chosen.has(field) && !listFields.includes(field) ? undefined : field;
  });
  return { tool, fields, questions: [...askAboutConflicts(columns, fields), ...askAboutMissing(columns, fields)] };
}

function askAboutConflicts(columns: readonly string[], fields: ColumnMap['fields']): Question[] {
  return importFields.flatMap((about) => {
    const found = columns.filter((_, index) => fields[index] === about);
    if (found.length < 2 || listFields.includes(about)) return [];
    return [{ about, message: `The columns ${quoteAll(found)} are all \`${about}\`. Choose the one to import.` }];
  });
}

function askAboutMissing(columns: readonly string[], fields: ColumnMap['fields']): Question[] {
  return neededFields.flatMap((about) => {
    if (fields.includes(about) || (about === 'code' && fields.includes('aliases'))) return [];
    const history = findHistory(columns.map(toPlainName));
    const holds = history === undefined ? '' : ` The file seems to hold ${history}, not links.`;
    const found = columns.length === 0 ? 'The file has no columns.' : `The file has ${quoteAll(columns)}.`;
    return [{ about, message: `No column is \`${about}\`. ${found}${holds}` }];
  });
}

const longestList = 20;

function quoteAll(names: readonly string[]): string {
  const shown = names.slice(0, longestList).map((name) => `\`${name.slice(0, 60)}\``);
  return [...shown, ...(names.length > longestList ? [`${names.length - longestList} more`] : [])].join(', ');
}
