import ArgumentParser
import Foundation
import Tensors

/// How pictures are shown in the terminal.
enum ThumbnailChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, kitty, iterm, sixel

    /// The protocol. Throws `InputError` where the terminal is not known to understand one.
    func graphics(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> TerminalGraphics {
        if let named = TerminalGraphics(rawValue: rawValue) { return named }
        guard let found = TerminalGraphics.detected(in: environment) else {
            throw InputError(
                "terminal \(environment["TERM"] ?? "without a name")", "is not known to show pictures",
                remedy: "Name what it understands, such as --thumbnails sixel, or write a page with --html.")
        }
        return found
    }
}
