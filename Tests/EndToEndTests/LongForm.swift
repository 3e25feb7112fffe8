import Foundation

/// Tests with a short form, which always runs, and a long one.
enum LongForm {
    /// Whether `FINETUNER_CACHE_LONG_TESTS=1` asks for the long form, as `Tools/test --long` does.
    static let isOn = ProcessInfo.processInfo.environment["FINETUNER_CACHE_LONG_TESTS"] == "1"

    /// Prints figures of the long form.
    static func tell(_ figures: @autoclosure () -> String) {
        if isOn { FileHandle.standardError.write(Data("figures: \(figures())\n".utf8)) }
    }
}
