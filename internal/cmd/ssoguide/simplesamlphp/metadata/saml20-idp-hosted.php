<?php
// The IdP. A next key is announced in the metadata before it signs.
$settings = json_decode(file_get_contents(dirname(__DIR__) . '/settings.json'), true);
$idp = [
    'host' => '__DEFAULT__',
    'auth' => 'people',
    'privatekey' => $settings['key'] . '.key',
    'certificate' => $settings['key'] . '.crt',
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'SingleSignOnServiceBinding' => ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'],
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
    'validate.authnrequest' => true,
    'assertion.encryption' => true,
    'authproc' => [10 => ['class' => 'saml:PersistentNameID', 'attribute' => 'email']],
];
if ($settings['next_key']) {
    $idp['new_privatekey'] = $settings['next_key'] . '.key';
    $idp['new_certificate'] = $settings['next_key'] . '.crt';
}
if ($settings['audience']) {
    $code = '$state["SPMetadata"]["entityid"] = ' . var_export($settings['audience'], true) . ';';
    $idp['authproc'][90] = ['class' => 'core:PHP', 'code' => $code];
}
$metadata[$settings['base'] . 'idp'] = $idp;
