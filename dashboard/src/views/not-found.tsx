import { Link } from '../router/link.tsx';
import { Heading } from './shell/heading.tsx';

export const NotFound = () => (
  <>
    <Heading title="Nothing here" />
    <p>
      This address shows nothing. <Link to="/">Go to the start</Link>.
    </p>
  </>
);
