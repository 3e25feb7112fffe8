import ArgumentParser
import Tensors

/// Our errors about what stands on the command line, as the parser shows them.
enum UsageErrors {
    /// Runs `body`; an `InputError` that it throws becomes the parser's.
    static func translating<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as InputError { throw ValidationError(error.description) }
    }
}
