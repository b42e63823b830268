import type { INestApplication } from '@nestjs/common';
import { version } from '../version.ts';

/** `/api/openapi.json`, and the same to read and try at `/api/docs`. Made at the first request: most starts never need it. */
export async function serveOpenApi(app: INestApplication): Promise<void> {
  const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
  const description = new DocumentBuilder()
    .setTitle('Terrarium')
    .setDescription('Errors are problem+json (RFC 9457). Send an API token as "Authorization: Bearer TOKEN".')
    .setVersion(version)
    // Not `addBearerAuth`: that calls every token a JWT.
    .addSecurity('bearer', { type: 'http', scheme: 'bearer' })
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, description), { jsonDocumentUrl: 'api/openapi.json' });
}
