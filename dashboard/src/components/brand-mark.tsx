import type { AgencyBrand } from '#schemas/catalog.ts';

/** Logo and name of an agency; the logo alone stands for both if there is no name. */
export function BrandMark({ brand: { name, logo } }: { brand: Pick<AgencyBrand, 'name' | 'logo'> }) {
  return (
    <span className="brand">
      {logo !== null && <img className="brand-logo" src={logo} alt={name === null ? 'Logo' : ''} />}
      {name !== null && <bdi dir="auto">{name}</bdi>}
    </span>
  );
}
