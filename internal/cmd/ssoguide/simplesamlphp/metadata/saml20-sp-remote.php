<?php
// The service, from the metadata that it gives out.
$file = dirname(__DIR__) . '/sp-metadata.xml';
if (file_exists($file)) {
    $entity = \SimpleSAML\Metadata\SAMLParser::parseString(file_get_contents($file));
    $metadata[$entity->getEntityId()] = $entity->getMetadata20SP();
}
