import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { expiryAttribute, listingIndex, listingIndexKeys, tableKeys } from '#schemas/tables.ts';
import { acknowledge } from './constructs/acknowledge.ts';

export interface TablesProps {
  /** Write units per second that `rollups` is warmed up for. @default - DynamoDB's own 4,000 */
  readonly warmWriteUnits?: number;
  /** Days that settled events live; 0 is forever. */
  readonly settledDays: number;
}

/** The DynamoDB tables: configuration and state (`catalog`), counters (`rollups`) and short-lived items (`cache`). */
export class Tables extends Construct {
  readonly catalog: Table;
  readonly rollups: Table;
  readonly cache: Table;

  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id);
    const kept = {
      partitionKey: { name: tableKeys.partition, type: AttributeType.STRING },
      sortKey: { name: tableKeys.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.catalog = new Table(this, 'Catalog', {
      ...kept,
      timeToLiveAttribute: expiryAttribute,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    this.catalog.addGlobalSecondaryIndex({
      indexName: listingIndex,
      partitionKey: { name: listingIndexKeys.partition, type: AttributeType.STRING },
      sortKey: { name: listingIndexKeys.sort, type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
    this.rollups = new Table(this, 'Rollups', {
      ...kept,
      timeToLiveAttribute: expiryAttribute,
      warmThroughput: props.warmWriteUnits ? { writeUnitsPerSecond: props.warmWriteUnits } : undefined,
      // `hopcount rebuild` restores counters from events. Those of days outlive events that are deleted.
      pointInTimeRecoverySpecification: props.settledDays > 0 ? { pointInTimeRecoveryEnabled: true } : undefined,
    });
    this.cache = new Table(this, 'Cache', { ...kept, timeToLiveAttribute: expiryAttribute });
    if (props.settledDays === 0)
      acknowledge(this.rollups, 'AwsSolutions-DDB3', 'can be rebuilt from the lake with `hopcount rebuild`');
    acknowledge(
      this.cache,
      'AwsSolutions-DDB3',
      'contains the salts, which a point-in-time copy would keep beyond their deletion',
    );
  }
}
