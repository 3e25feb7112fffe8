import Foundation

/// What is wrong with something a user gave us: the object, the fact about it, and what to do.
///
/// Programmer errors trap; everything that a file, a flag or a machine can cause is one of these.
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the error is about: a path, a flag, a tensor's name.
    public let object: String
    /// What was found, with the expected value where there is one.
    public let fact: String
    /// What the user can do about it; empty where nothing more than the fact can be said.
    public let remedy: String

    /// An error about `object`.
    public init(_ object: String, _ fact: String, remedy: String = "") {
        self.object = object
        self.fact = fact
        self.remedy = remedy
    }

    /// `object: fact. remedy`, on one line.
    public var description: String {
        guard !remedy.isEmpty else { return "\(object): \(fact)" }
        return "\(object): \(fact)\(fact.hasSuffix("?") || fact.hasSuffix(".") ? "" : ".") \(remedy)"
    }

    /// The same error about `object` within a larger thing, such as a tensor within a file.
    public func within(_ outer: String) -> InputError {
        InputError("\(outer): \(object)", fact, remedy: remedy)
    }

    /// What the system says of its last call that failed, such as `No such file or directory`.
    package static var systemReason: String { String(cString: strerror(errno)) }

    /// Why Foundation could not do something: in the system's words where it knows them, which say more than
    /// `The operation could not be completed`.
    package static func reason(of error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let underlying, underlying.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return String(cString: strerror(Int32(underlying.code)))
    }
}
