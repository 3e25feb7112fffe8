import Dispatch
import Foundation
import Pipeline

/// Turns SIGINT and SIGTERM into a request to stop; a second one ends the program at once.
final class Signals {
    private let sources: [any DispatchSourceSignal]

    /// Watches until the object goes.
    init(_ interruption: Interruption) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if interruption.isRequested { _exit(130) }
                interruption.request()
                Console.note("\nstopping after the current step; once more to stop at once")
            }
            source.resume()
            return source
        }
    }

    deinit {
        sources.forEach { $0.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }
}
