<?php
// SimpleSAMLphp in a temporary folder. Settings that differ between runs are in settings.json.
$root = dirname(__DIR__);
$settings = json_decode(file_get_contents($root . '/settings.json'), true);
foreach (['data', 'log', 'sessions', 'temp'] as $folder) {
    if (!is_dir("$root/$folder")) {
        mkdir("$root/$folder", 0700);
    }
}
$config = [
    'baseurlpath' => $settings['base'],
    'certdir' => "$root/cert/",
    'datadir' => "$root/data/",
    'loggingdir' => "$root/log/",
    'metadatadir' => "$root/metadata",
    'tempdir' => "$root/temp",
    'secretsalt' => $settings['secret'],
    'auth.adminpassword' => $settings['secret'],
    'admin.checkforupdates' => false,
    'technicalcontact_email' => 'idp@example.com',
    'timezone' => 'UTC',
    'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log',
    'showerrors' => true,
    'errorreporting' => false,
    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'exampleauth' => true, 'saml' => true],
    'store.type' => 'phpsession',
    'session.phpsession.savepath' => "$root/sessions",
    'session.cookie.secure' => true,
    'language.available' => ['en'],
    'language.default' => 'en',
    'metadata.sources' => [['type' => 'flatfile']],
];
