export { environment } from '../settle/env.ts';
