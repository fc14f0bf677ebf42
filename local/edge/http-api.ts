import type { HttpApiModel } from '../template/model.ts';

export interface MatchedRoute {
  key: string;
  functionName: string;
  pathParameters: Readonly<Record<string, string>>;
}

/** Creates a router that matches requests by path, then by method. */
export function createRouter(api: HttpApiModel): (method: string, path: string) => MatchedRoute | undefined {
  const routes = api.routes.map(compileRoute).sort((left, right) => left.rank - right.rank);
  return (method, path) => {
    for (const route of routes) {
      if (route.method !== 'ANY' && route.method !== method) continue;
      const match = route.pattern.exec(path);
      if (match) return { key: route.key, functionName: route.functionName, pathParameters: { ...match.groups } };
    }
    return undefined;
  };
}

interface CompiledRoute {
  key: string;
  functionName: string;
  method: string;
  pattern: RegExp;
  /** As in API Gateway, literal paths come before variables, and `{proxy+}` comes last. */
  rank: number;
}

function compileRoute({ key, functionName }: HttpApiModel['routes'][number]): CompiledRoute {
  if (key === '$default') return { key, functionName, method: 'ANY', pattern: /^/, rank: 3 };
  const [method = 'ANY', path = '/'] = key.split(' ');
  const source = path
    .replaceAll(/[.*?^$|()[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{([A-Za-z0-9_]+)\+\}/g, '(?<$1>.+)')
    .replaceAll(/\{([A-Za-z0-9_]+)\}/g, '(?<$1>[^/]+)');
  const rank = path.includes('+}') ? 2 : path.includes('{') ? 1 : 0;
  return { key, functionName, method, pattern: new RegExp(`^${source}$`), rank };
}
