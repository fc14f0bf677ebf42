/**
 * Returns whether a statement that DuckDB has parsed (`json_serialize_sql`) has a parameter outside of a WHERE clause,
 * which Athena's documentation does not allow.
 */
export function hasMisplacedParameter(tree: unknown, inWhere = false): boolean {
  if (Array.isArray(tree)) return tree.some((item) => hasMisplacedParameter(item, inWhere));
  if (typeof tree !== 'object' || tree === null) return false;
  if ('class' in tree && tree.class === 'PARAMETER') return !inWhere;
  const isSelect = 'where_clause' in tree;
  return Object.entries(tree).some(([key, value]) =>
    hasMisplacedParameter(value, isSelect ? key === 'where_clause' : inWhere),
  );
}
