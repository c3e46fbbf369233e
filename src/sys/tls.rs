//! TLS with certificates of the user's own: an authority's, or the very one that a server shows. The usual
//! self-signed ones are marked as an authority, and no verifier takes them from a server unless told to.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::sync::Arc;

/// A configuration that trusts these certificates (PEM) besides the system's.
///
/// # Errors
/// What is wrong with them, in words.
pub(super) fn trusting(pem: &[u8]) -> Result<ClientConfig, String> {
    let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let own: Vec<CertificateDer<'static>> = own.map_err(|error| error.to_string())?;
    if own.is_empty() {
        return Err("it holds none (expected PEM)".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let usual = Verifier::new_with_extra_roots(own.iter().cloned(), Arc::clone(&provider));
    let usual = usual.map_err(|error| error.to_string())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(OwnOrUsual { own, usual }))
        .with_no_client_auth();
    Ok(config)
}

/// Accepts a certificate that the user named himself, whatever it says, and else asks the usual verifier.
#[derive(Debug)]
struct OwnOrUsual {
    own: Vec<CertificateDer<'static>>,
    usual: Verifier,
}

impl ServerCertVerifier for OwnOrUsual {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The file names this very certificate: no name or date in it could add to that.
        if self.own.iter().any(|own| own == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        let usual = &self.usual;
        usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
