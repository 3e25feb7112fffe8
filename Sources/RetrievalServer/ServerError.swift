import HTTPTypes
import Hummingbird
import Tensors

/// What a request is answered with that cannot be fulfilled.
struct ServerError: Error {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    var remedy = ""

    static func missing(_ message: String) -> ServerError {
        ServerError(status: .notFound, code: "not_found", message: message)
    }

    static func wrong(_ message: String, remedy: String = "") -> ServerError {
        ServerError(status: .badRequest, code: "bad_request", message: message, remedy: remedy)
    }

    static let busy = ServerError(
        status: .serviceUnavailable, code: "busy", message: "The server has too much to do.",
        remedy: "Try again in a moment.")

    /// What is told of any error; of one that nobody expected only that it was.
    init(_ error: any Error) {
        switch error {
        case let error as ServerError: self = error
        case let error as InputError:
            self.init(
                status: .unprocessableContent, code: "bad_input", message: "\(error.object): \(error.fact).",
                remedy: error.remedy)
        case let error as HTTPError:
            self.init(status: error.status, code: "http", message: error.body ?? error.status.reasonPhrase)
        default:
            self.init(
                status: .internalServerError, code: "internal", message: "Something went wrong.",
                remedy: "The server's output says more.")
        }
    }

    init(status: HTTPResponse.Status, code: String, message: String, remedy: String = "") {
        (self.status, self.code, self.message, self.remedy) = (status, code, message, remedy)
    }

    /// The answer, with the request's number.
    func response(request: String) -> Response {
        struct Answer: Encodable {
            struct Content: Encodable { let code, message, remedy, request: String }
            let error: Content
        }
        let answer = Answer(error: .init(code: code, message: message, remedy: remedy, request: request))
        return (try? Response.json(answer, status: status)) ?? Response(status: status)
    }
}
