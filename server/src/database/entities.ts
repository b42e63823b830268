import { AuditEntity } from '../audit/audit.entity.ts';
import { AccountEntity, IdentityEntity } from '../auth/accounts/account.entity.ts';
import { LoginCodeEntity, SessionEntity, TokenEntity } from '../auth/auth.entity.ts';
import { ProjectRoleEntity } from '../auth/people/project-role.entity.ts';
import { SignInTriesEntity } from '../auth/sign-in/sign-in-tries.entity.ts';
import { AttemptEntity, BuildEntity, JobEntity, StepEntity } from '../builds/build.entity.ts';
import { BundleEntity, BundleUseEntity } from '../bundles/bundle.entity.ts';
import {
  LicenseKeyEntity,
  LicenseLeaseEntity,
  LicenseLimitEntity,
  LicenseMonthEntity,
  LicensePoolEntity,
  LicenseReservationEntity,
  LicenseWaitEntity,
} from '../licenses/license.entity.ts';
import { ForkBuildEntity, ForkEntity, ForkPackageEntity, InterpreterEntity, InterpreterNameEntity } from '../forks/fork.entity.ts';
import { MachineLifeEntity, PoolSampleEntity } from '../machines/machine-history.entity.ts';
import { MachineEntity } from '../machines/machine.entity.ts';
import { ProjectEntity, ProjectRefEntity, ProjectSecretEntity } from '../projects/project.entity.ts';
import { OutboxEntity, SubscriptionEntity } from '../notifications/outbox.entity.ts';
import { EnvironmentEntity } from '../secrets/environment.entity.ts';
import { TestEntity, TestOutcomeEntity, TestRunEntity } from '../test-history/test-history.entity.ts';
import { DeliveryEntity } from '../triggers/delivery.entity.ts';
import { ApprovalEntity, ContributorEntity } from '../trust/trust.entity.ts';
import { InstallationEntity, PluginValueEntity } from './installation.entity.ts';

/** The entities of the data source: classes of the parts that own tables, listed by hand. */
export const entities: (new () => object)[] = [
  InstallationEntity,
  PluginValueEntity,
  ProjectEntity,
  ProjectSecretEntity,
  ProjectRefEntity,
  BuildEntity,
  JobEntity,
  AttemptEntity,
  StepEntity,
  MachineEntity,
  MachineLifeEntity,
  PoolSampleEntity,
  AccountEntity,
  IdentityEntity,
  ProjectRoleEntity,
  SignInTriesEntity,
  TokenEntity,
  LoginCodeEntity,
  SessionEntity,
  AuditEntity,
  DeliveryEntity,
  ContributorEntity,
  ApprovalEntity,
  SubscriptionEntity,
  OutboxEntity,
  EnvironmentEntity,
  LicensePoolEntity,
  LicenseLeaseEntity,
  LicenseKeyEntity,
  LicenseReservationEntity,
  LicenseLimitEntity,
  LicenseMonthEntity,
  LicenseWaitEntity,
  BundleEntity,
  BundleUseEntity,
  ForkEntity,
  ForkPackageEntity,
  InterpreterEntity,
  InterpreterNameEntity,
  ForkBuildEntity,
  TestEntity,
  TestRunEntity,
  TestOutcomeEntity,
];
