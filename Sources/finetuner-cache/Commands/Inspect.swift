import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a store holds: spaces, pictures, labels, failures, bytes, heads.")

    @OptionGroup var store: StoreOptions

    @Flag(help: "List the pictures that failed, with the reason.")
    var errors = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        self.store.warnOfNetwork(writing: false)
        let store = try FeatureStore(path: store.path)
        let contents = try StoreContents(store, path: self.store.path)
        if json { return try JSONOutput.print(contents) }
        if errors {
            for failure in contents.failures {
                print("\(Formats.visible(failure.path))\t\(Formats.visible(failure.reason))")
            }
            Console.note(Formats.count(contents.failures.count, "failed picture"))
        } else {
            print(contents.text)
        }
    }
}
