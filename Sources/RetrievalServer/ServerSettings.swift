import Tensors

/// Where the server listens and whom it answers.
public struct ServerSettings: Sendable {
    /// The name or address that it listens on.
    public let host: String
    /// The port; 0 for any that is free.
    public let port: Int
    /// What every request has to bring; nil for none.
    public let token: String?

    /// The largest picture that is taken, in bytes.
    static let largestBody = 20 << 20
    /// Uploads that are computed or wait to be.
    static let mostUploads = 8
    /// Requests that are worked on or wait to be.
    static let mostWaiting = 256
    /// How long a connection may be silent, in seconds, and how long a request may take to arrive.
    static let idleSeconds = 20

    private static let loopback: Set<String> = ["127.0.0.1", "::1", "localhost"]

    /// Settings. Throws `InputError` where others than this machine could connect and there is no token, or one that is easily guessed.
    public init(host: String = "127.0.0.1", port: Int = 8765, token: String? = nil) throws {
        guard (0...65_535).contains(port) else {
            throw InputError("--port \(port)", "is no port", remedy: "Give one from 1 to 65535, or 0 for any.")
        }
        if token == nil, !Self.loopback.contains(host) {
            throw InputError(
                "--host \(host)", "lets other machines connect, to whom all pictures would be shown",
                remedy: "Give a --token that requests have to bring, or leave --host out.")
        }
        if let token, token.utf8.count < 16 || !token.utf8.allSatisfy({ (33...126).contains($0) }) {
            throw InputError(
                "--token", "is too short or has other than plain letters",
                remedy: "Give 16 or more, such as openssl rand -hex 16 prints.")
        }
        (self.host, self.port, self.token) = (host, port, token)
    }

    /// Whether a request's Host may be answered: a name that is not this server's is that of a page which a name server was made to lead here.
    func allows(authority: String?) -> Bool {
        guard let authority else { return false }
        // With a token a name cannot be guessed, and proxies bring their own.
        return token != nil || Self.loopback.contains(Self.name(of: authority))
    }

    /// Whether a page of `origin` may ask: none from elsewhere.
    func allows(origin: String?, authority: String?) -> Bool {
        guard let origin, let authority else { return true }
        return origin == "http://" + authority || origin == "https://" + authority
    }

    /// Compares in a time that tells nothing of the token.
    func allows(authorization: String?) -> Bool {
        guard let token else { return true }
        let (given, wanted) = (Array((authorization ?? "").utf8), Array("Bearer \(token)".utf8))
        var difference = given.count ^ wanted.count
        for (position, byte) in wanted.enumerated() {
            difference |= Int(byte ^ (position < given.count ? given[position] : 0))
        }
        return difference == 0
    }

    private static func name(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }
}
