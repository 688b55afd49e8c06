#!/bin/sh
# A timestamping authority of our own, for tests and for trying things out:
#   tsa.sh make DIR                   a root (DIR/root.pem) and an authority certified by it
#   tsa.sh answer DIR QUERY ANSWER    answers an RFC 3161 request
#   tsa.sh refuse DIR ANSWER          an answer that refuses (to a request it cannot read)
set -eu
dir=$2
case $1 in
    make)
        mkdir -p "$dir"
        cat >"$dir/tsa.cnf" <<CNF
[req]
distinguished_name = name
prompt = no
[name]
CN = Test Timestamping Authority
O = Contrechamp tests
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[authority]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[tsa]
default_tsa = tsa_config
[tsa_config]
dir = $dir
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/authority.pem
certs = $dir/root.pem
signer_key = $dir/authority.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
CNF
        echo 01 >"$dir/serial"
        openssl ecparam -name prime256v1 -genkey -noout -out "$dir/root.key" 2>/dev/null
        openssl ecparam -name prime256v1 -genkey -noout -out "$dir/authority.key" 2>/dev/null
        openssl req -new -x509 -key "$dir/root.key" -subj "/CN=Test Root/O=Contrechamp tests" -days 3650 -config "$dir/tsa.cnf" -extensions root -out "$dir/root.pem"
        openssl req -new -key "$dir/authority.key" -config "$dir/tsa.cnf" -out "$dir/authority.csr"
        openssl x509 -req -in "$dir/authority.csr" -CA "$dir/root.pem" -CAkey "$dir/root.key" -CAcreateserial -days 3650 -extfile "$dir/tsa.cnf" -extensions authority -out "$dir/authority.pem" 2>/dev/null
        ;;
    answer)
        openssl ts -reply -config "$dir/tsa.cnf" -section tsa_config -queryfile "$3" -out "$4" 2>/dev/null
        ;;
    refuse)
        # SHA-1 is not among the digests this authority takes.
        echo x | openssl ts -query -sha1 -out "$dir/sha1.tsq" -data /dev/stdin 2>/dev/null
        openssl ts -reply -config "$dir/tsa.cnf" -section tsa_config -queryfile "$dir/sha1.tsq" -out "$3" 2>/dev/null || true
        ;;
esac
