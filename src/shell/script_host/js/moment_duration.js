(function (tools) { 'use strict'; })
