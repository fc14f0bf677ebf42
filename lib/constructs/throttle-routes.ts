import type { CfnRoute, CfnStage, HttpApi, HttpRoute } from 'aws-cdk-lib/aws-apigatewayv2';

/**
 * Limits the requests of each of these routes in a second, over all callers. The routes of events have no limit but the
 * account's, because what API Gateway refuses is counted nowhere.
 */
export function throttleRoutes(
  { defaultStage }: HttpApi,
  routes: readonly HttpRoute[],
  requestsPerSecond: number,
): void {
  const stage = defaultStage?.node.defaultChild as CfnStage;
  const settings = routes.map((route) => [
    (route.node.defaultChild as CfnRoute).routeKey,
    { ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: 2 * requestsPerSecond },
  ]);
  stage.routeSettings = { ...stage.routeSettings, ...Object.fromEntries(settings) };
  // The stage is refused if it names a route that does not exist yet.
  stage.node.addDependency(...routes);
}
