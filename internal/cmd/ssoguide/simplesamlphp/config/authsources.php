<?php
// The people at the IdP. Everybody has the same password.
$settings = json_decode(file_get_contents(dirname(__DIR__) . '/settings.json'), true);
$config = ['people' => ['exampleauth:UserPass']];
foreach ($settings['people'] as $email => $groups) {
    $attributes = ['email' => [$email]];
    if ($groups) {
        $attributes['groups'] = $groups;
    }
    $config['people']["$email:" . $settings['secret']] = $attributes;
}
